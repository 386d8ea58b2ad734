import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DemoProcess } from '../../sample/.demo/demo-process.js';
import { AppProcess } from './app-process.js';
import type { OpenStore } from './crash-recurring.js';
import { seconds } from './plan.js';

const WORKERS = 4;
/** How often five jobs of each task are stored. */
const STORE_MS = 100;
/** How long after one worker the next one is replaced. */
const STEP_MS = 2_000;
const PATIENCE_MS = 90_000;

/** A line in the file of all runs. */
export interface DeployRun {
  readonly name: string;
  readonly number: number;
  readonly attempt: number;
  readonly atMs: number;
}

/** The numbers of jobs that are to be stored. */
export interface ToStore {
  readonly numbers: readonly number[];
}

/**
 * Stores jobs of a task that only the new version has, and of one that both have, while the
 * workers are replaced one by one: by the new version, by the old one again, and once more
 * by the new one. Tells how long the jobs have waited.
 */
export async function crashDeploy(openStore: OpenStore): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'runs');
  writeFileSync(file, '');
  const store = await openStore(folder);
  const entry = new URL('deploy-process.js', import.meta.url);
  const environment = { ...store.environment, RUNS_FILE: file };
  const workerOf = (VERSION: string) =>
    new AppProcess(`a worker (${VERSION})`, entry, { ...environment, VERSION });
  const web = new DemoProcess<unknown>('the new web process', entry, {
    ...environment,
    VERSION: 'new',
    IS_WEB: 'yes',
  });
  let workers = Array.from({ length: WORKERS }, () => workerOf('old'));
  try {
    await Promise.all([web.ready(), ...workers.map((each) => each.start())]);
    const lines: string[] = [];
    let next = 0;
    for (const [title, version] of [
      ['deploy', 'new'],
      ['rollback', 'old'],
      ['deploy again', 'new'],
    ] as const) {
      const storedMs = new Map<number, number>();
      const startMs = Date.now();
      const storing = setInterval(() => {
        const numbers = Array.from({ length: 5 }, (_, n) => next + n);
        next += numbers.length;
        for (const number of numbers) storedMs.set(number, Date.now());
        web.send({ numbers } satisfies ToStore);
      }, STORE_MS);
      await pause(STEP_MS);
      for (const worker of workers) {
        await worker.end('SIGTERM');
        const replacement = workerOf(version);
        await replacement.start();
        workers = workers.map((each) => (each === worker ? replacement : each));
        await pause(STEP_MS);
      }
      clearInterval(storing);
      const tookMs = Date.now() - startMs;
      lines.push(
        `${title}, ${seconds(tookMs)}, ${storedMs.size} jobs of each task:`,
      );
      for (const name of ['known', 'fresh']) {
        if (name === 'fresh' && version === 'old') {
          lines.push('  those of the new task wait for the next deploy');
          continue;
        }
        lines.push(`  ${name}: ${await waits(file, name, storedMs)}`);
      }
    }
    lines.push(
      `all ${next} jobs of the new task ran: ${await allRan(file, next)}`,
    );
    return lines;
  } finally {
    web.kill('SIGKILL');
    await Promise.all(workers.map((each) => each.end('SIGKILL')));
    await store.close();
  }
}

function runsOf(file: string, name: string): DeployRun[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as DeployRun)
    .filter((run) => run.name === name);
}

/** How long jobs have waited, once all of them have run. */
async function waits(
  file: string,
  name: string,
  storedMs: ReadonlyMap<number, number>,
): Promise<string> {
  const isRun = () => {
    const ran = new Set(runsOf(file, name).map(({ number }) => number));
    return [...storedMs.keys()].every((number) => ran.has(number));
  };
  await until(isRun, `jobs of ${name} were lost`);
  const runs = runsOf(file, name).filter(({ number }) => storedMs.has(number));
  const ms = runs
    .map(({ number, atMs }) => atMs - (storedMs.get(number) ?? NaN))
    .toSorted((one, two) => one - two);
  const at = (part: number) =>
    seconds(ms[Math.min(ms.length - 1, Math.floor(ms.length * part))] ?? NaN);
  return `waited ${at(0.5)} (median), ${at(0.95)} (95 %), ${at(1)} at most; ${runs.length - storedMs.size} ran twice`;
}

async function allRan(file: string, count: number): Promise<string> {
  const ran = () => new Set(runsOf(file, 'fresh').map(({ number }) => number));
  await until(() => ran().size === count, 'jobs of the new task were lost');
  const runs = runsOf(file, 'fresh');
  const first = runs.filter(({ attempt }) => attempt === 1).length;
  return `${first} of ${runs.length} runs were a first attempt`;
}

async function until(isSo: () => boolean, failure: string): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(failure);
    await pause(200);
  }
}
