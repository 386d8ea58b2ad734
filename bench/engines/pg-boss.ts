/**
 * The cost of `nestjs-tasks/pg-boss` compared with pg-boss alone, on the PostgreSQL of
 * `DATABASE_URL`. Requires Node.js 22.12:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/pg-boss.js [--quick]
 */
import { Pool } from 'pg';
import { keeps, ratios, reaches } from '../figures/comparison.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf } from '../figures/statistics.js';
import { cpuPerJob, jobsPerSecond, QUEUES } from './measured-queue.js';
import { bareQueue } from './pg-boss-bare.js';
import { statementsFor, tasksQueue } from './pg-boss-tasks.js';
import { shown, takeTurns, verdict } from './turns.js';

const url =
  process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const [bareSchema, ourSchema] = [
  `bench_bare_${process.pid}`,
  `bench_tasks_${process.pid}`,
];
const isQuick = process.argv.includes('--quick');
// Short rounds, so that other work on the machine slows both equally.
const rounds = isQuick ? 2 : 160;
const batches = isQuick ? 20 : 60;
const jobs = isQuick ? 200 : 400;

const bare = await bareQueue(url, bareSchema);
const ours = await tasksQueue(url, ourSchema);

const cpu = await takeTurns(rounds, {
  bare: () => cpuPerJob(bare, batches, (queue, count) => queue.store(count)),
  ours: () => cpuPerJob(ours, batches, (queue, count) => queue.store(count)),
  bareAnnounced: () =>
    cpuPerJob(bare, batches, (queue, count) => queue.storeAnnounced(count)),
  oursAnnounced: () =>
    cpuPerJob(ours, batches, (queue, count) => queue.storeAnnounced(count)),
});
const speed = await takeTurns(rounds, {
  bare: () => jobsPerSecond(bare, jobs),
  ours: () => jobsPerSecond(ours, jobs),
});
const statements = await statementsFor(5, url, ourSchema);

await Promise.all([bare.close(), ours.close()]);

const bareMixed = await bareQueue(url, bareSchema, QUEUES);
const ourMixed = await tasksQueue(url, ourSchema, QUEUES);
const mixed = await takeTurns(rounds, {
  bare: () => jobsPerSecond(bareMixed, jobs),
  ours: () => jobsPerSecond(ourMixed, jobs),
});
await Promise.all([bareMixed.close(), ourMixed.close()]);
const pool = new Pool({ connectionString: url });
for (const schema of [bareSchema, ourSchema]) {
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
}
await pool.end();

const cpuRatio = ratios(cpu.ours, cpu.bare);
const announcedRatio = ratios(cpu.oursAnnounced, cpu.bareAnnounced);
const silentRatio = ratios(cpu.oursAnnounced, cpu.bare);
const speedRatio = ratios(speed.ours, speed.bare);
const mixedRatio = ratios(mixed.ours, mixed.bare);
process.stdout.write(
  `${markdownTable(
    ['', 'pg-boss alone', 'nestjs-tasks', 'ratio', 'target', ''],
    [
      [
        'CPU to store a job, five at once, unannounced (`notify: false`), µs',
        shown(figureOf(cpu.bare), 1),
        shown(figureOf(cpu.ours), 1),
        shown(cpuRatio, 2),
        '≤ 1.15',
        verdict(cpuRatio, keeps(1.15, cpuRatio)),
      ],
      [
        'the same, announced (the default here), µs',
        shown(figureOf(cpu.bareAnnounced), 1),
        shown(figureOf(cpu.oursAnnounced), 1),
        shown(announcedRatio, 2),
        '≤ 1.15',
        verdict(announcedRatio, keeps(1.15, announcedRatio)),
      ],
      [
        'announced, to unannounced by pg-boss alone (its default), µs',
        shown(figureOf(cpu.bare), 1),
        shown(figureOf(cpu.oursAnnounced), 1),
        shown(silentRatio, 2),
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
        'the same in three queues with mixed priorities',
        shown(figureOf(mixed.bare), 0),
        shown(figureOf(mixed.ours), 0),
        shown(mixedRatio, 2),
        '≥ 0.9',
        verdict(mixedRatio, reaches(0.9, mixedRatio)),
      ],
      [
        'round trips of a scope with five durable tasks',
        '',
        String(statements),
        '',
        '1',
        statements === 1 ? 'met' : 'not met',
      ],
    ],
  )}\n`,
);
