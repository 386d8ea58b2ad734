/**
 * Runs the demo of a sample: `npm run demo -- 01-orders`. It exits with 1 when
 * anything is out of order, and in any case within the time limit. The processes
 * that a demo starts end with this one: see `DemoProcess`.
 */
const TIME_LIMIT_MS = 20_000;

const demos: Readonly<Record<string, () => Promise<void>>> = {
  '01-orders': async () => (await import('./01-orders/demo.js')).demo(),
};

const name = process.argv[2] ?? '01-orders';
const run = demos[name];
if (!run) {
  fail(`There is no sample "${name}", but ${Object.keys(demos).join(', ')}.`);
}
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
for (const signal of signals) process.once(signal, () => fail(signal));
setTimeout(
  () => fail(`It took longer than ${TIME_LIMIT_MS / 1_000} s.`),
  TIME_LIMIT_MS,
).unref();
try {
  await run();
  process.exit(0);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function fail(reason: string): never {
  console.error(`\nThe demo failed. ${reason}`);
  process.exit(1);
}
