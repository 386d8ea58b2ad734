/**
 * The cost of `nestjs-tasks/bullmq` compared with BullMQ alone, on the Redis of
 * `REDIS_URL`:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/bullmq.js [--quick]
 */
import { Redis } from 'ioredis';
import { keeps, ratios, reaches } from '../figures/comparison.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf } from '../figures/statistics.js';
import { bareQueue } from './bullmq-bare.js';
import { tasksQueue } from './bullmq-tasks.js';
import {
  cpuPerJob,
  cpuPerRun,
  jobsPerSecond,
  QUEUES,
  type MeasuredQueue,
} from './measured-queue.js';
import { shown, takeTurns, verdict } from './turns.js';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const prefix = `bench-${process.pid}`;
const isQuick = process.argv.includes('--quick');
// Short rounds, so that other work on the machine slows both equally.
const rounds = isQuick ? 2 : 300;
const batches = isQuick ? 20 : 100;
const jobs = isQuick ? 200 : 400;

const bare = await bareQueue(url, prefix);
const ours = await tasksQueue(url, prefix);
const client = new Redis(url);

const cpu = await takeTurns(rounds, {
  bare: () => cpuPerJob(bare, batches, (queue, count) => queue.store(count)),
  ours: () => cpuPerJob(ours, batches, (queue, count) => queue.store(count)),
  oursFromArguments: () =>
    cpuPerJob(ours, batches, (queue, count) => queue.encodeAndStore(count)),
});
const speed = await takeTurns(rounds, {
  bare: () => jobsPerSecond(bare, jobs),
  ours: () => jobsPerSecond(ours, jobs),
});
const run = await takeTurns(rounds, {
  bare: () => cpuPerRun(bare, jobs),
  ours: () => cpuPerRun(ours, jobs),
});
const reads = await roundTrips();

await Promise.all([bare.close(), ours.close()]);

const bareMixed = await bareQueue(url, prefix, QUEUES);
const ourMixed = await tasksQueue(url, prefix, QUEUES);
const mixed = await takeTurns(rounds, {
  bare: () => jobsPerSecond(bareMixed, jobs),
  ours: () => jobsPerSecond(ourMixed, jobs),
});
await Promise.all([bareMixed.close(), ourMixed.close()]);
const keys = await client.keys(`${prefix}*`);
if (keys.length > 0) await client.unlink(keys);
await client.quit();

const cpuRatio = ratios(cpu.ours, cpu.bare);
const encodeRatio = ratios(cpu.oursFromArguments, cpu.bare);
const runRatio = ratios(run.ours, run.bare);
const speedRatio = ratios(speed.ours, speed.bare);
const mixedRatio = ratios(mixed.ours, mixed.bare);
process.stdout.write(
  `${markdownTable(
    ['', 'BullMQ alone', 'nestjs-tasks', 'ratio', 'target', ''],
    [
      [
        'CPU to store a job, five at once, µs',
        shown(figureOf(cpu.bare), 1),
        shown(figureOf(cpu.ours), 1),
        shown(cpuRatio, 2),
        '≤ 1.15',
        verdict(cpuRatio, keeps(1.15, cpuRatio)),
      ],
      [
        'the same with the encoding of its arguments, µs',
        shown(figureOf(cpu.bare), 1),
        shown(figureOf(cpu.oursFromArguments), 1),
        shown(encodeRatio, 2),
        '',
        '',
      ],
      [
        'CPU of a job, stored and run, µs',
        shown(figureOf(run.bare), 1),
        shown(figureOf(run.ours), 1),
        shown(runRatio, 2),
        '≤ 1.15',
        verdict(runRatio, keeps(1.15, runRatio)),
      ],
      [
        'jobs stored and run, each second',
        shown(figureOf(speed.bare), 0),
        shown(figureOf(speed.ours), 0),
        shown(speedRatio, 2),
        '≥ 0.9',
        verdict(speedRatio, reaches(0.9, speedRatio)),
      ],
      [
        'the same in three queues with mixed priorities',
        shown(figureOf(mixed.bare), 0),
        shown(figureOf(mixed.ours), 0),
        shown(mixedRatio, 2),
        '≥ 0.9',
        verdict(mixedRatio, reaches(0.9, mixedRatio)),
      ],
      [
        'reads of Redis to store five jobs',
        String(reads.bare),
        String(reads.ours),
        '',
        '1',
        reads.ours === 1 ? 'met' : 'not met',
      ],
    ],
  )}\n`,
);

/** Commands that arrive together are read together; nothing else may use this Redis. */
async function roundTrips(): Promise<{ bare: number; ours: number }> {
  const processed = async () => {
    const stats = await client.info('stats');
    return Number(/total_reads_processed:(\d+)/.exec(stats)?.[1]);
  };
  const cost = async (queue: MeasuredQueue) => {
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 20; n += 1) {
      const start = await processed();
      await queue.store(5);
      // One of the reads is that of the INFO command itself.
      least = Math.min(least, (await processed()) - start - 1);
    }
    await queue.forget();
    return least;
  };
  return { bare: await cost(bare), ours: await cost(ours) };
}
