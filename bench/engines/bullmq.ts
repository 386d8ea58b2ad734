/**
 * The cost of `nestjs-tasks/bullmq` compared with BullMQ alone, on the Redis of
 * `REDIS_URL`:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/bullmq.js [--quick]
 */
import { Redis } from 'ioredis';
import { markdownTable } from '../figures/markdown-table.js';
import { bareQueue } from './bullmq-bare.js';
import { tasksQueue } from './bullmq-tasks.js';
import {
  cpuPerJob,
  cpuPerRun,
  jobsPerSecond,
  QUEUES,
  type MeasuredQueue,
} from './measured-queue.js';
import { rowOf, takeTurns } from './turns.js';

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

const limit = 1.15;
const goal = 0.9;
process.stdout.write(
  `${markdownTable(
    ['', 'BullMQ alone', 'nestjs-tasks', 'ratio', 'target', ''],
    [
      rowOf('CPU to store a job, five at once, µs', cpu.bare, cpu.ours, 1, {
        limit,
      }),
      rowOf(
        'the same with the encoding of its arguments, µs',
        cpu.bare,
        cpu.oursFromArguments,
        1,
      ),
      rowOf('CPU of a job, stored and run, µs', run.bare, run.ours, 1, {
        limit,
      }),
      rowOf('jobs stored and run, each second', speed.bare, speed.ours, 0, {
        goal,
      }),
      rowOf(
        'the same in three queues with mixed priorities',
        mixed.bare,
        mixed.ours,
        0,
        { goal },
      ),
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
