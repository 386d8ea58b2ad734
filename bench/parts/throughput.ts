import type { Throughput, ThroughputCase } from '../children/throughput.js';
import { reaches } from '../figures/comparison.js';
import { figure } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf } from '../figures/statistics.js';
import { Child } from '../processes/child.js';
import type { Part } from './part.js';

const TITLES: Readonly<Record<ThroughputCase, string>> = {
  sync: 'a function, 40 at a time',
  async: 'an async function, 40 at a time',
  scope: 'one after-response task in each `runInScope()`',
  burst: 'a function, 20 000 at a time',
  intercepted: 'a function, 40 at a time, with an empty interceptor',
  traced: 'a function, 40 at a time, with OpenTelemetry and its SDK',
};
const CASES = [
  'sync',
  'intercepted',
  'traced',
  'async',
  'scope',
  'burst',
] as const;
const GOAL = 2_500_000;

/** From `schedule()` to settled, with nothing around it. */
export const throughputPart: Part = async ({ isQuick }, cpus, report) => {
  const rounds: Throughput[] = [];
  for (let round = 0; round < (isQuick ? 1 : 7); round += 1) {
    report(`round ${round + 1}`);
    const count = isQuick ? 100_000 : 500_000;
    const child = Child.start('throughput', [count], cpus.server);
    try {
      rounds.push(await child.next<Throughput>());
    } finally {
      await child.stop();
    }
  }
  const perSecond = (name: ThroughputCase) =>
    figureOf(rounds.map(({ figures }) => figures[name].tasksPerSecond));
  const rows = CASES.map((name) => [
    TITLES[name],
    figure(perSecond(name)),
    figure(figureOf(rounds.map(({ figures }) => figures[name].cpuUs))),
  ]);
  return {
    title: 'From `schedule()` to settled',
    blocks: [markdownTable(['tasks', 'per second', 'CPU per task, µs'], rows)],
    targets: [
      {
        what: '`schedule()` to settled, on Node.js 24',
        limit: '≥ 2.5 M per second',
        measured: figure(perSecond('sync')),
        verdict: reaches(GOAL, perSecond('sync')),
      },
    ],
  };
};
