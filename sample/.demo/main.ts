/**
 * Plays the demo of one sample, `npm run demo -- 01-orders`, or of all: `npm run demo --
 * all`. `npm run demo -- dashboard` runs until it is stopped, or checks its page and ends
 * with `--check`. It exits with 1 when a claim does not hold or a demo exceeds its time limit. The
 * processes that a demo starts end with this one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Report, type Demo } from './report.js';

const TIME_LIMIT_MS = 180_000;

const SAMPLES = [
  '01-orders',
  '02-registration',
  '03-images',
  '04-analytics',
  '05-distributed',
  '06-outbox',
  '07-exports',
  '08-observability',
  'dashboard',
];

const name = process.argv[2] ?? '01-orders';
const names = name === 'all' ? SAMPLES : [name];
if (!names.every((sample) => SAMPLES.includes(sample))) {
  fail(`There is no sample "${name}", but ${[...SAMPLES, 'all'].join(', ')}.`);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => fail(signal));
}
for (const sample of names) {
  try {
    await play(sample);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}
process.exit(0);

async function play(sample: string): Promise<void> {
  // Not a literal, so that only this sample is loaded.
  const scenes = `../../test/samples/${sample}/demo.js`;
  const { demo } = (await import(scenes)) as { demo: Demo };
  const missing = demo.missing?.();
  if (missing && name === 'all') {
    console.log(`\nSkipped: ${sample}. ${missing}`);
    return;
  }
  if (missing) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), `${sample}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const report = new Report();
  const timer = setTimeout(
    () => fail(`${sample} took longer than ${TIME_LIMIT_MS / 1_000} s.`),
    TIME_LIMIT_MS,
  );
  if (demo.isEndless) clearTimeout(timer);
  await demo.play(report, folder);
  clearTimeout(timer);
  report.conclude();
}

function fail(reason: string): never {
  console.error(`\nThe demo failed. ${reason}`);
  process.exit(1);
}
