/**
 * Runs the demo of a sample: `npm run demo -- 01-orders`, or of one after the other:
 * `npm run demo -- all`. It exits with 1 when anything is out of order, and in any
 * case within the time limit of each. The processes that a demo starts end with this
 * one.
 */
const TIME_LIMIT_MS = 60_000;

/** What `demo.ts` in the folder of a sample exports. */
interface DemoModule {
  /** Shows the sample at work; rejects when anything is out of order. */
  demo(): Promise<void>;
  /** What is missing on this machine, if anything: it is then left out of \`all\`. */
  missing?(): string | undefined;
}

const SAMPLES = [
  '01-orders',
  '02-registration',
  '03-images',
  '04-analytics',
  '05-distributed',
  '06-outbox',
];

const name = process.argv[2] ?? '01-orders';
const names = name === 'all' ? SAMPLES : [name];
if (!names.every((sample) => SAMPLES.includes(sample))) {
  fail(`There is no sample "${name}", but ${[...SAMPLES, 'all'].join(', ')}.`);
}
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
for (const signal of signals) process.once(signal, () => fail(signal));
for (const sample of names) {
  const timer = setTimeout(
    () => fail(`${sample} took longer than ${TIME_LIMIT_MS / 1_000} s.`),
    TIME_LIMIT_MS,
  );
  try {
    // The name is not a literal: a sample is loaded only when it is asked for.
    const loaded = (await import(`./${sample}/demo.js`)) as DemoModule;
    const missing = loaded.missing?.();
    if (missing && name === 'all') {
      console.log(`\nSkipped: ${sample}. ${missing}`);
    } else {
      await loaded.demo();
    }
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  clearTimeout(timer);
}
process.exit(0);

function fail(reason: string): never {
  console.error(`\nThe demo failed. ${reason}`);
  process.exit(1);
}
