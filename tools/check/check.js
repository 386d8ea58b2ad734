// Everything that must hold before a change lands: npm scripts, two at a time where the
// machine has the cores. Names of scripts choose among them: `npm run check -- lint test`.
// What fails beside others is run once more by itself, and the report names it.
// `--also-on <folder>` names a folder with another `node`; the steps whose result depends
// on the Node.js run there as well.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Job } from './job.js';
import { JobQueue } from './job-queue.js';
import { READY, STEPS } from './steps.js';

const { values, positionals } = parseArgs({
  options: { 'also-on': { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
});
const names = STEPS.map(({ name }) => name);
// A misspelled name must not check nothing.
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`No such step: ${unknown.join(', ')}`);

const nodes = [dirname(process.execPath), ...values['also-on']].map(
  (folder) => {
    const version = execFileSync(join(folder, 'node'), ['--version'], {
      encoding: 'utf8',
    });
    return { folder, version: version.trim() };
  },
);
const [first, ...others] = nodes;
if (!first) throw new Error('There is no Node.js.');
const preparations = STEPS.filter((step) => step.isPreparation);
const chosen = STEPS.filter(
  (step) =>
    !step.isPreparation &&
    majorOf(first) >= (step.since ?? 0) &&
    (positionals.length === 0 || positionals.includes(step.name)),
);
const oldest = others.at(-1) ?? first;
const firstJobs = preparations.map((step) => new Job(step, first));
const jobs = chosen.flatMap((step) =>
  step.on === 'oldest'
    ? [new Job(step, oldest)]
    : [
        new Job(step, first),
        ...(step.on === 'all' ? others : []).map(
          (node) => new Job(step, node, step.again),
        ),
      ],
);

const startedAt = performance.now();
const secondsSoFar = () => Math.round((performance.now() - startedAt) / 1_000);

/** @param {{ version: string }} node */
function majorOf({ version }) {
  return Number.parseInt(version.slice(1), 10);
}

/** @param {Job} job */
function show(job) {
  const isRunning = job.state === 'running';
  const end = isRunning ? 'begins' : `${job.state} after ${job.seconds} s`;
  process.stdout.write(`== ${secondsSoFar()} s: ${job.title} ${end}\n`);
  if (!isRunning) process.stdout.write(`${job.output}\n`);
}

/** @param {Job} job */
function lineOf({ state, seconds, node, step, summary }) {
  const took = state === 'not run' ? '' : `${seconds} s`;
  const columns = [
    took.padStart(6),
    state.padEnd(7),
    node.version.padEnd(9),
    step.name.padEnd(12),
    step.purpose,
  ];
  return [
    columns.join('  '),
    ...summary.map((line) => `${' '.repeat(28)}${line}`),
  ];
}

const concurrency = Math.min(2, availableParallelism());
/** @type {JobQueue | undefined} */
let queue;
let isStopped = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    isStopped = true;
    queue?.stop();
  });
}

/**
 * Resolves with those that did not pass.
 *
 * @param {readonly Job[]} those
 */
async function run(those, atOnce = concurrency, ready = READY) {
  if (isStopped) return those;
  queue = new JobQueue(those, atOnce, show);
  return queue.run(ready);
}

let failed = await run(firstJobs, concurrency, '');
/**
 * Those that failed beside others and passed by themselves: each hides a bug.
 *
 * @type {Job[]}
 */
let flaky = [];
if (failed.length === 0) {
  const doubtful = await run(jobs);
  failed = await run(doubtful, 1);
  flaky = doubtful.filter((job) => !failed.includes(job));
}

const titles = (/** @type {readonly Job[]} */ those) =>
  those.map(({ title }) => title).join(' and ');
const verdict = failed.length === 0 ? 'all passed' : `${titles(failed)} failed`;
const doubt =
  flaky.length === 0
    ? ''
    : `; ${titles(flaky)} failed once, which is a bug to be found`;
process.stdout.write(
  [
    `\n${nodes.map(({ version }) => version).join(' and ')}, ${secondsSoFar()} s: ${verdict}${doubt}`,
    ...[...firstJobs, ...jobs].flatMap(lineOf),
    '',
  ].join('\n'),
);
process.exitCode = failed.length === 0 ? 0 : 1;
