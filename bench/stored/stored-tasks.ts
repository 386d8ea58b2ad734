/**
 * How long `StoredTasks` takes with 100,000 stored tasks on each engine, and how long it
 * takes from `cancel()` by key to the signal in another process. Needs a Redis and a
 * PostgreSQL on their usual ports, and Node.js 22.12:
 *
 *     npm run build && npx tsc -p bench/tsconfig.json
 *     node bench/dist/stored/stored-tasks.js [--quick]
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { DurableEngine, StoredJobs, TaskJob } from 'nestjs-tasks';
import { markdownTable } from '../figures/markdown-table.js';
import { openEngine, settled, STORES, type Store } from './stores.js';

const isQuick = process.argv.includes('--quick');
const STORED = isQuick ? 2_000 : 100_000;
const CANCELLED = isQuick ? 20 : 200;
const TIMES = 20;

function newJob(more: Partial<TaskJob> = {}): TaskJob {
  return {
    version: 1,
    id: randomUUID(),
    task: 'bench.stored',
    args: '{"args":["order 17"]}',
    phase: 'immediate',
    options: {},
    ...more,
  };
}

async function medianMs(act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const start = performance.now();
    await act();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[TIMES / 2] ?? NaN;
}

function storedOf(engine: DurableEngine): StoredJobs {
  if (!engine.stored) throw new Error(`${engine.name} has no stored jobs.`);
  return engine.stored;
}

async function reads(store: Store): Promise<number[]> {
  const space = `reads-${randomUUID().slice(0, 8)}`;
  const engine = openEngine(store, space, false);
  const stored = storedOf(engine);
  const jobs = Array.from({ length: STORED }, () => newJob());
  for (let at = 0; at < STORED; at += 1_000) {
    await engine.enqueue(jobs.slice(at, at + 1_000));
  }
  await settled(store, space);
  const middle = jobs[STORED / 2]?.id ?? '';
  const filter = { statuses: ['waiting'] } as const;
  let { cursor } = await stored.page(filter, 50);
  const figures = [
    await medianMs(async () => {
      ({ cursor } = await stored.page(filter, 50, cursor));
    }),
    await medianMs(() => stored.counts()),
    await medianMs(() => stored.find(middle)),
  ];
  await engine.stop(1_000);
  return figures;
}

/** The times from the call to the signal, by the clock that both processes share. */
async function cancels(store: Store): Promise<number[]> {
  const space = `cancels-${randomUUID().slice(0, 8)}`;
  const worker = fork(new URL('./stored-worker.js', import.meta.url), [
    store,
    space,
  ]);
  await once(worker, 'message');
  let begun = 0;
  let changed = () => {};
  const fired: number[] = [];
  worker.on('message', (message) => {
    if (message === 'begun') begun += 1;
    else fired.push(Number(message));
    changed();
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (changed = resolve));
  };
  const engine = openEngine(store, space, false);
  const stored = storedOf(engine);
  await engine.enqueue(
    Array.from({ length: CANCELLED }, (_, n) => newJob({ key: `order:${n}` })),
  );
  await until(() => begun === CANCELLED);
  const times: number[] = [];
  for (let n = 0; n < CANCELLED; n += 1) {
    const page = await stored.page(
      { statuses: ['running'], name: 'bench.stored', key: `order:${n}` },
      1,
    );
    const start = Date.now();
    await stored.cancel(page.jobs);
    await until(() => fired.length > n);
    times.push((fired[n] ?? NaN) - start);
  }
  worker.kill();
  await engine.stop(1_000);
  return times.toSorted((a, b) => a - b);
}

const rows: string[][] = [];
for (const store of STORES) {
  const [page = 0, count = 0, find = 0] = await reads(store);
  const times = store === 'in-process' ? [] : await cancels(store);
  const p99 = times[Math.ceil(times.length * 0.99) - 1];
  rows.push([
    store,
    page.toFixed(1),
    count.toFixed(1),
    find.toFixed(1),
    p99 === undefined ? 'one process' : `${times[times.length / 2]} / ${p99}`,
  ]);
}
process.stdout.write(
  `${markdownTable(
    [
      `${STORED} tasks`,
      'page of 50, ms',
      'counts, ms',
      'find, ms',
      'cancel to signal, median / p99, ms',
    ],
    rows,
  )}\n`,
);
process.exit();
