/**
 * Kills, suspends and redeploys processes, and kills, freezes and demotes stores, at random
 * while orders and accounts arrive and tasks recur, and counts what is lost: `npm run
 * crash`, or `npm run crash -- 200` for fewer than 2,000; `npm run crash -- recurring` for
 * a minute of recurring tasks alone; `npm run crash -- deploy` for jobs that half of the
 * workers do not know. It exits with 1 when anything is lost, or runs twice
 * through a clean deploy.
 */
import { RedisProcess } from '../samples/05-distributed/redis-process.js';
import { missingNode } from '../samples/06-outbox/demo.js';
import { crashDeploy } from './crash-deploy.js';
import { crashDistributed } from './crash-distributed.js';
import { crashOutbox, missingForOutbox } from './crash-outbox.js';
import { crashRecurring, onPostgres, onRedis } from './crash-recurring.js';
import type { Plan } from './plan.js';

const only = ['recurring', 'deploy'].find((name) => name === process.argv[2]);
const count = only ? 2_000 : Number(process.argv[2] ?? 2_000);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const plan: Plan = { count, seed, isThorough: count >= 1_000 };
const timeLimit = setTimeout(
  () => fail('It took longer than fifteen minutes.'),
  900_000,
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => fail(signal));
}
// One for each process that is started, and some more.
process.setMaxListeners(50);
print(`Node.js ${process.versions.node}, seed ${seed}`);
try {
  const redis = RedisProcess.isInstalled()
    ? undefined
    : 'There is no redis-server: install Redis 7.';
  const outbox = missingNode() ?? missingForOutbox();
  const recurring = { ms: plan.isThorough ? 60_000 : 12_000, seed };
  if (only === 'deploy') {
    await show('A deploy with BullMQ', redis, () => crashDeploy(onRedis));
    await show('A deploy with pg-boss', outbox, () => crashDeploy(onPostgres));
  } else {
    await show('Recurring tasks over BullMQ', redis, () =>
      crashRecurring(recurring, onRedis),
    );
    await show('Recurring tasks over pg-boss', outbox, () =>
      crashRecurring(recurring, onPostgres),
    );
  }
  if (!only) await crashOrders(redis, outbox);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
clearTimeout(timeLimit);
process.exit(0);

async function crashOrders(
  redis: string | undefined,
  outbox: string | undefined,
) {
  await show('BullMQ over Redis (AOF always)', redis, () =>
    crashDistributed(plan),
  );
  await show('pg-boss over PostgreSQL, by the outbox', outbox, () =>
    crashOutbox(plan),
  );
}

async function show(
  title: string,
  missing: string | undefined,
  crash: () => Promise<string[]>,
): Promise<void> {
  print(`\n${title}`);
  const lines = missing ? [`skipped: ${missing}`] : await crash();
  for (const line of lines) print(`  ${line}`);
}

function fail(reason: string): never {
  process.stderr.write(`\nFailed. ${reason}\n`);
  process.exit(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
