// Everything that must hold before a change lands: npm scripts, two at a time where the
// machine has the cores. Names of scripts choose among them: `npm run check -- lint test`.
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
const queues = [
  new JobQueue(firstJobs, concurrency, show),
  new JobQueue(jobs, concurrency, show),
];
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => queues.forEach((queue) => queue.stop()));
}
let hasPassed = true;
let ready = '';
for (const queue of queues) {
  hasPassed &&= await queue.run(ready);
  ready = READY;
}

const failed = [...firstJobs, ...jobs].filter(
  ({ state }) => state === 'FAILED',
);
const verdict = hasPassed
  ? 'all passed'
  : `${failed.map(({ title }) => title).join(' and ') || 'stopped'} failed`;
process.stdout.write(
  [
    `\n${nodes.map(({ version }) => version).join(' and ')}, ${secondsSoFar()} s: ${verdict}`,
    ...[...firstJobs, ...jobs].flatMap(lineOf),
    '',
  ].join('\n'),
);
process.exitCode = hasPassed ? 0 : 1;
