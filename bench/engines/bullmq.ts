/**
 * What `nestjs-tasks/bullmq` costs, beside BullMQ alone, on the Redis of `REDIS_URL`:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/bullmq.js [--quick]
 *
 * Rounds of the one and of the other take turns, so that a busy machine slows both.
 */
import { Redis } from 'ioredis';
import { isConclusive, keeps, ratios, reaches } from '../figures/comparison.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf, type Figure } from '../figures/statistics.js';
import { bareQueue } from './bullmq-bare.js';
import { tasksQueue } from './bullmq-tasks.js';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const prefix = `bench-${process.pid}`;
const isQuick = process.argv.includes('--quick');
// Short ones: what else the machine does then meets both alike.
const rounds = isQuick ? 2 : 150;
const batches = isQuick ? 20 : 100;
const jobs = isQuick ? 200 : 400;

const bare = await bareQueue(url, prefix);
const ours = await tasksQueue(url, prefix);
const client = new Redis(url);

const cpu = await takeTurns(cpuOf((queue) => queue.store(5)));
const cpuFromArguments = await takeTurns(
  cpuOf((queue) => queue.encodeAndStore?.(5) ?? queue.store(5)),
);
const speed = await takeTurns(async (queue) => {
  const start = performance.now();
  await queue.storeAndRun(jobs);
  return jobs / ((performance.now() - start) / 1_000);
});
const reads = await roundTrips();

await Promise.all([bare.close(), ours.close()]);
const keys = await client.keys(`${prefix}*`);
if (keys.length > 0) await client.unlink(keys);
await client.quit();

const cpuRatio = ratios(cpu.ours, cpu.bare);
const encodeRatio = ratios(cpuFromArguments.ours, cpuFromArguments.bare);
const speedRatio = ratios(speed.ours, speed.bare);
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
        shown(figureOf(cpuFromArguments.bare), 1),
        shown(figureOf(cpuFromArguments.ours), 1),
        shown(encodeRatio, 2),
        '',
        '',
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

function cpuOf(
  store: (queue: typeof bare) => Promise<void>,
): (queue: typeof bare) => Promise<number> {
  return async (queue) => {
    const before = process.cpuUsage();
    for (let n = 0; n < batches; n += 1) await store(queue);
    const { user, system } = process.cpuUsage(before);
    await queue.forget();
    return (user + system) / (batches * 5);
  };
}

async function takeTurns(
  measure: (queue: typeof bare) => Promise<number>,
): Promise<{ bare: number[]; ours: number[] }> {
  const values = { bare: [] as number[], ours: [] as number[] };
  // The first round is for the compiler.
  for (let round = -1; round < rounds; round += 1) {
    const isOdd = round % 2 === 1;
    const first = await measure(isOdd ? ours : bare);
    const second = await measure(isOdd ? bare : ours);
    if (round < 0) continue;
    values.bare.push(isOdd ? second : first);
    values.ours.push(isOdd ? first : second);
  }
  return values;
}

/** What arrives at once is read at once; nobody else may use this Redis meanwhile. */
async function roundTrips(): Promise<{ bare: number; ours: number }> {
  const processed = async () => {
    const stats = await client.info('stats');
    return Number(/total_reads_processed:(\d+)/.exec(stats)?.[1]);
  };
  const cost = async (queue: typeof bare) => {
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 20; n += 1) {
      const start = await processed();
      await queue.store(5);
      // One is its own question.
      least = Math.min(least, (await processed()) - start - 1);
    }
    await queue.forget();
    return least;
  };
  return { bare: await cost(bare), ours: await cost(ours) };
}

function shown({ median, low, high }: Figure, digits: number): string {
  const [middle, from, to] = [median, low, high].map((n) => n.toFixed(digits));
  return `${middle} (${from} – ${to})`;
}

function verdict(ratio: Figure, told: string): string {
  return isConclusive(ratio) || told !== 'cannot be told' ? told : `${told} ?`;
}
