/**
 * The cost of `nestjs-tasks/pg-boss` compared with pg-boss alone, on the PostgreSQL of
 * `DATABASE_URL`. Requires Node.js 22.12:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/engines/pg-boss.js [--quick]
 */
import { Pool } from 'pg';
import { markdownTable } from '../figures/markdown-table.js';
import { cpuPerJob, jobsPerSecond, QUEUES } from './measured-queue.js';
import { bareQueue } from './pg-boss-bare.js';
import { statementsFor, tasksQueue } from './pg-boss-tasks.js';
import { rowOf, takeTurns } from './turns.js';

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

const limit = 1.15;
const goal = 0.9;
process.stdout.write(
  `${markdownTable(
    ['', 'pg-boss alone', 'nestjs-tasks', 'ratio', 'target', ''],
    [
      rowOf(
        'CPU to store a job, five at once, unannounced (`notify: false`), µs',
        cpu.bare,
        cpu.ours,
        1,
        { limit },
      ),
      rowOf(
        'the same, announced (the default here), µs',
        cpu.bareAnnounced,
        cpu.oursAnnounced,
        1,
        { limit },
      ),
      rowOf(
        'announced, to unannounced by pg-boss alone (its default), µs',
        cpu.bare,
        cpu.oursAnnounced,
        1,
      ),
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
