/**
 * What `nestjs-tasks/pg-boss` costs, beside pg-boss alone, on the PostgreSQL of
 * `DATABASE_URL`. It needs Node.js 22.12:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/pg-boss.js [--quick]
 *
 * Rounds of the one and of the other take turns, so that a busy machine slows both.
 */
import { Pool } from 'pg';
import { isConclusive, keeps, ratios, reaches } from '../figures/comparison.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf, type Figure } from '../figures/statistics.js';
import { bareQueue } from './pg-boss-bare.js';
import { statementsFor, tasksQueue } from './pg-boss-tasks.js';

const url =
  process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const [bareSchema, ourSchema] = [
  `bench_bare_${process.pid}`,
  `bench_tasks_${process.pid}`,
];
const isQuick = process.argv.includes('--quick');
// Short ones: what else the machine does then meets both alike.
const rounds = isQuick ? 2 : 40;
const batches = isQuick ? 20 : 60;
const jobs = isQuick ? 200 : 400;

const bare = await bareQueue(url, bareSchema);
const ours = await tasksQueue(url, ourSchema);

const cpu = await takeTurns(async (queue) => {
  const before = process.cpuUsage();
  for (let n = 0; n < batches; n += 1) await queue.store(5);
  const { user, system } = process.cpuUsage(before);
  await queue.forget();
  return (user + system) / (batches * 5);
});
const speed = await takeTurns(async (queue) => {
  const start = performance.now();
  await queue.storeAndRun(jobs);
  return jobs / ((performance.now() - start) / 1_000);
});
const statements = await statementsFor(5, url, ourSchema);

await Promise.all([bare.close(), ours.close()]);
const pool = new Pool({ connectionString: url });
for (const schema of [bareSchema, ourSchema]) {
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
}
await pool.end();

const cpuRatio = ratios(cpu.ours, cpu.bare);
const speedRatio = ratios(speed.ours, speed.bare);
process.stdout.write(
  `${markdownTable(
    ['', 'pg-boss alone', 'nestjs-tasks', 'ratio', 'target', ''],
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
        'jobs stored and run, each second',
        shown(figureOf(speed.bare), 0),
        shown(figureOf(speed.ours), 0),
        shown(speedRatio, 2),
        '≥ 0.9',
        verdict(speedRatio, reaches(0.9, speedRatio)),
      ],
      [
        'round trips of a unit of work with five durable tasks',
        '',
        String(statements),
        '',
        '1',
        statements === 1 ? 'met' : 'not met',
      ],
    ],
  )}\n`,
);

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

function shown({ median, low, high }: Figure, digits: number): string {
  const [middle, from, to] = [median, low, high].map((n) => n.toFixed(digits));
  return `${middle} (${from} – ${to})`;
}

function verdict(ratio: Figure, told: string): string {
  return isConclusive(ratio) || told !== 'cannot be told' ? told : `${told} ?`;
}
