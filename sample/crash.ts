/**
 * Kills processes and stores at random while orders and accounts come in, and counts:
 * `npm run crash`, or `npm run crash -- 200` for fewer than 2,000. It exits with 1 when
 * anything is lost.
 */
import { RedisProcess } from './05-distributed/demo/redis-process.js';
import { missing as missingNode } from './06-outbox/demo.js';
import { crashDistributed } from './crash/crash-distributed.js';
import { crashOutbox, missingForOutbox } from './crash/crash-outbox.js';

const count = Number(process.argv[2] ?? 2_000);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const timeLimit = setTimeout(
  () => fail('It took longer than five minutes.'),
  300_000,
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => fail(signal));
}
console.log(`Node.js ${process.versions.node}, seed ${seed}`);
try {
  const redis = RedisProcess.isInstalled()
    ? undefined
    : 'There is no redis-server: install Redis 7.';
  await show('BullMQ over Redis (AOF always)', redis, () =>
    crashDistributed(count, seed),
  );
  await show(
    'pg-boss over PostgreSQL, by the outbox',
    missingNode() ?? (await missingForOutbox()),
    () => crashOutbox(count, seed),
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
  console.log(`\n${title}`);
  const lines = missing ? [`skipped: ${missing}`] : await crash();
  for (const line of lines) console.log(`  ${line}`);
}

function fail(reason: string): never {
  console.error(`\nFailed. ${reason}`);
  process.exit(1);
}
