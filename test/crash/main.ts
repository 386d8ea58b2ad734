/**
 * Kills, suspends and redeploys processes, and kills, freezes and demotes stores, at random
 * while orders and accounts arrive, and counts what is lost: `npm run crash`, or `npm run
 * crash -- 200` for fewer than 2,000. It exits with 1 when anything is lost, or runs twice
 * through a clean deploy.
 */
import { RedisProcess } from '../samples/05-distributed/redis-process.js';
import { missingNode } from '../samples/06-outbox/demo.js';
import { crashDistributed } from './crash-distributed.js';
import { crashOutbox, missingForOutbox } from './crash-outbox.js';
import type { Plan } from './plan.js';

const count = Number(process.argv[2] ?? 2_000);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const plan: Plan = { count, seed, isThorough: count >= 1_000 };
const timeLimit = setTimeout(
  () => fail('It took longer than fifteen minutes.'),
  900_000,
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => fail(signal));
}
print(`Node.js ${process.versions.node}, seed ${seed}`);
try {
  const redis = RedisProcess.isInstalled()
    ? undefined
    : 'There is no redis-server: install Redis 7.';
  await show('BullMQ over Redis (AOF always)', redis, () =>
    crashDistributed(plan),
  );
  await show(
    'pg-boss over PostgreSQL, by the outbox',
    missingNode() ?? missingForOutbox(),
    () => crashOutbox(plan),
  );
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
clearTimeout(timeLimit);
process.exit(0);

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
