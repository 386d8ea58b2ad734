/**
 * Measures what `nestjs-tasks` costs compared with doing without it, and prints a report
 * in Markdown. Progress goes to stderr.
 */
import { parseOptions, type PartName } from './bench-options.js';
import { markdownTable } from './figures/markdown-table.js';
import { coldStartPart } from './parts/cold-start.js';
import { memoryPart } from './parts/memory.js';
import type { Part, Section } from './parts/part.js';
import { oneProcessPart, routesPart } from './parts/routes.js';
import { stormPart } from './parts/storm.js';
import { throughputPart } from './parts/throughput.js';
import { planCpus } from './processes/cpus.js';
import { describeMachine } from './processes/machine.js';

const PARTS: Readonly<Record<PartName, Part>> = {
  'one-process': oneProcessPart,
  routes: routesPart,
  throughput: throughputPart,
  memory: memoryPart,
  storm: stormPart,
  'cold-start': coldStartPart,
};

const ABOUT_FIGURES =
  'Each figure is the median of its rounds. In brackets: an interval that contains the true median with 95 % confidence or more, ' +
  'which takes six rounds. `?`: the spread, or the number of rounds, does not allow a conclusion.';

const options = parseOptions(process.argv.slice(2));
const cpus = planCpus();
const startMs = performance.now();
const machine = describeMachine(cpus);
const sections: Section[] = [];
for (const name of options.parts) {
  sections.push(
    await PARTS[name](options, cpus, (progress) => {
      const seconds = Math.round((performance.now() - startMs) / 1_000);
      process.stderr.write(
        `${String(seconds).padStart(4)} s  ${name}: ${progress}\n`,
      );
    }),
  );
}
const tookS = Math.round((performance.now() - startMs) / 1_000);
const quick = options.isQuick
  ? ', with `--quick`: only proves that the benchmarks run'
  : '';
process.stdout.write(
  [
    [...machine, `Took ${tookS} s${quick}`]
      .map((line) => `- ${line}`)
      .join('\n'),
    ABOUT_FIGURES,
    ...sections.flatMap(({ title, blocks }) => [`## ${title}`, ...blocks]),
    ...targetsOf(sections),
  ].join('\n\n') + '\n',
);

function targetsOf(measured: readonly Section[]): string[] {
  const targets = measured.flatMap((section) => section.targets);
  if (targets.length === 0) return [];
  const rows = targets.map(({ what, limit, measured: figure, verdict }) => [
    what,
    limit,
    figure,
    verdict,
  ]);
  return [
    '## Targets',
    markdownTable(['', 'limit', 'measured', 'verdict'], rows),
  ];
}
