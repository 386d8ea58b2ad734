import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RedisProcess } from '../samples/05-distributed/redis-process.js';
import { PostgresProcess } from '../support/postgres-process.js';
import { Accidents } from './accidents.js';
import { AppProcess } from './app-process.js';
import { bundle } from './bundle.js';
import { killed, redeployed } from './faults.js';
import { seconds } from './plan.js';
import {
  EVERY_MS,
  recurringTasks,
  shiftOf,
  type Run,
} from './recurring-plan.js';

const PROCESSES = 8;
/** Longer than the engines take to find the jobs of a process that was killed. */
const PATIENCE_MS = 60_000;

/** How long it goes on. */
interface RecurringPlan {
  readonly ms: number;
  readonly seed: number;
}

/** What the store needs before, and what the processes are told of it. */
export type OpenStore = (folder: string) => Promise<{
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}>;

export const onRedis: OpenStore = async (folder) => {
  const redis = await RedisProcess.start(folder);
  return { environment: { REDIS_URL: redis.url }, close: () => redis.kill() };
};

export const onPostgres: OpenStore = async () => {
  const server = await PostgresProcess.create('max_connections = 200');
  await server.start();
  return {
    environment: { DATABASE_URL: server.connectionString },
    close: () => PostgresProcess.removeAll(),
  };
};

/**
 * Boots 8 processes with 50 recurring tasks at once, kills and restarts them at random, and
 * counts: each occurrence must have run, and more than once only where the process that
 * ran it was killed. One may be passed over where the one before it was taken by a process
 * that was killed at once, and was recovered after this one was due.
 */
export async function crashRecurring(
  { ms, seed }: RecurringPlan,
  openStore: OpenStore,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'runs');
  writeFileSync(file, '');
  const entry = await bundle(
    new URL('recurring-process.js', import.meta.url),
    folder,
  );
  const store = await openStore(folder);
  const all = Array.from(
    { length: PROCESSES },
    (_, number) =>
      new AppProcess(`process ${number + 1}`, entry, {
        ...store.environment,
        RUNS_FILE: file,
      }),
  );
  try {
    await Promise.all(all.map((child) => child.start()));
    // What was due within the second in which its schedule was stored may count as past.
    const startMs = Date.now() + 1_000;
    // Up to four at a time, and never all of them.
    const accidents = [0, 2, 4, 6].map(
      (first, number) =>
        new Accidents(
          all
            .slice(first, first + 2)
            .flatMap((child) => [killed(child), redeployed(child)]),
          seed + number,
        ),
    );
    await pause(ms);
    await Promise.all(accidents.map((each) => each.stop()));
    const expected = occurrencesBetween(startMs, Date.now());
    const killedPids = new Set(all.flatMap((child) => child.killedPids));
    const runs = await runsOf(file, expected);
    await Promise.all(all.map((child) => child.end('SIGTERM')));
    return report(expected, runs, killedPids, ms);
  } finally {
    await Promise.all(all.map((child) => child.end('SIGKILL')));
    await store.close();
  }
}

/** All occurrences of all tasks, as `name dueMs`. */
function occurrencesBetween(fromMs: number, toMs: number): string[] {
  return recurringTasks().flatMap(([name], number) => {
    const dates: string[] = [];
    const shift = shiftOf(number);
    let dueMs = Math.ceil((fromMs - shift) / EVERY_MS) * EVERY_MS + shift;
    for (; dueMs < toMs; dueMs += EVERY_MS) dates.push(`${name} ${dueMs}`);
    return dates;
  });
}

/** All runs, by their occurrences, once each of those that are expected has some. */
async function runsOf(
  file: string,
  expected: readonly string[],
): Promise<Map<string, Run[]>> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const runs = new Map<string, Run[]>();
    for (const line of lines) {
      const run = JSON.parse(line) as Run;
      const occurrence = `${run.name} ${run.dueMs}`;
      runs.set(occurrence, [...(runs.get(occurrence) ?? []), run]);
    }
    const isDone = (each: string) => runs.has(each) || isPassedOver(each, runs);
    if (expected.every(isDone)) return runs;
    if (performance.now() > untilMs) return runs;
    await pause(200);
  }
}

function report(
  expected: readonly string[],
  runs: ReadonlyMap<string, readonly Run[]>,
  killedPids: ReadonlySet<number>,
  ms: number,
): string[] {
  const absent = expected.filter((each) => !runs.has(each));
  const missing = absent.filter((each) => !isPassedOver(each, runs));
  const again = [...runs].filter(([, { length }]) => length > 1);
  const unexplained = again.filter(
    ([, all]) =>
      all.slice(0, -1).some(({ pid }) => !killedPids.has(pid)) ||
      all.slice(1).some(({ attempt }) => attempt === 1),
  );
  if (missing.length + unexplained.length > 0) {
    throw new Error(
      `of ${expected.length} occurrences ${missing.length} did not run (${missing.slice(0, 5).join(', ')}; those of the first one's task: ${JSON.stringify(runsOfTask(missing[0], runs))}), ` +
        `${unexplained.length} ran twice without a reason: ${JSON.stringify(unexplained.slice(0, 3))}`,
    );
  }
  return [
    `${expected.length} occurrences of ${recurringTasks().length} tasks in ${PROCESSES} processes and ${seconds(ms)}`,
    `processes killed: ${killedPids.size} times`,
    `did not run: ${absent.length}, each passed over as the one before was recovered later`,
    `ran more than once: ${again.length}, each after its process was killed, with a higher \`attempt\``,
  ];
}

function runsOfTask(
  occurrence: string | undefined,
  runs: ReadonlyMap<string, readonly Run[]>,
): Run[] {
  const name = occurrence?.slice(0, occurrence.lastIndexOf(' '));
  return [...runs.values()].flat().filter((run) => run.name === name);
}

/** Whether the last one before it ran when it was due already. */
function isPassedOver(
  occurrence: string,
  runs: ReadonlyMap<string, readonly Run[]>,
): boolean {
  const [, name = '', dueText] = /^(.*) (\d+)$/.exec(occurrence) ?? [];
  const dueMs = Number(dueText);
  const [before] = [...runs.values()]
    .flat()
    .filter((run) => run.name === name && run.dueMs < dueMs)
    .toSorted((one, two) => two.dueMs - one.dueMs || two.atMs - one.atMs);
  return before !== undefined && before.atMs >= dueMs;
}
