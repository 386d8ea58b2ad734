/**
 * The rate at which an application takes tasks from `schedule()` to settled, in a process
 * of its own: `throughput.js <tasks>`.
 */
import 'reflect-metadata';
import type { AppTasks } from 'nestjs-tasks';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { emptyInterceptor } from '../apps/intercepted-task.module.js';
import { registerSdk } from '../apps/open-telemetry-sdk.js';
import { tasksOnly } from '../apps/tasks-only.module.js';
import { work, worksDone } from '../apps/work.js';

/** For each kind of task: tasks per second, and CPU time per task. */
export interface Throughput {
  readonly type: 'throughput';
  readonly figures: Record<
    ThroughputCase,
    { readonly tasksPerSecond: number; readonly cpuUs: number }
  >;
}

export type ThroughputCase =
  'sync' | 'async' | 'burst' | 'scope' | 'intercepted' | 'traced';

/** Fewer than start in one turn of the event loop, so that none waits for the next. */
const TOGETHER = 40;
const BURST = 20_000;

const total = Number(process.argv[2]);
const tasks = await tasksOnly();

async function asyncWork(orderId: number): Promise<void> {
  await Promise.resolve();
  work(orderId);
}

const CASES = {
  sync: (count) => scheduleTogether(count, TOGETHER, work),
  async: (count) => scheduleTogether(count, TOGETHER, asyncWork),
  burst: (count) => scheduleTogether(count, BURST, work),
  async scope(count) {
    for (let made = 0; made < count; made += 1) {
      await tasks.runInScope((scope) => {
        scope.afterResponse.schedule(work, 1);
      });
      // The tasks start when the scope is over.
      if (made % TOGETHER === 0) await tasks.idle();
    }
    await tasks.idle();
  },
} satisfies Partial<Record<ThroughputCase, (count: number) => Promise<void>>>;

const figures = {
  sync: await measure(CASES.sync, total),
  async: await measure(CASES.async, total),
  scope: await measure(CASES.scope, total / 5),
  burst: await measure(CASES.burst, total / 5),
  // After the others, which know nothing of them.
  intercepted: await measureWith(
    await tasksOnly({ interceptors: [emptyInterceptor] }),
  ),
  traced: await measureTraced(),
};
const throughput: Throughput = { type: 'throughput', figures };
process.send?.(throughput, () => process.exit());

/** Schedules `together` tasks at a time, and waits until all of them have settled. */
async function scheduleTogether(
  count: number,
  together: number,
  fn: (orderId: number) => unknown,
  on: AppTasks = tasks,
): Promise<void> {
  for (let made = 0; made < count; made += together) {
    for (let next = 0; next < together; next += 1) on.schedule(fn, 1);
    await on.idle();
  }
}

function measureWith(on: AppTasks) {
  return measure(
    (count) => scheduleTogether(count, TOGETHER, work, on),
    total / 5,
  );
}

async function measureTraced() {
  registerSdk();
  return measureWith(await tasksOnly({ telemetry: openTelemetry() }));
}

async function measure(
  run: (count: number) => Promise<void>,
  count: number,
): Promise<{ tasksPerSecond: number; cpuUs: number }> {
  await run(count / 5);
  const doneBefore = worksDone();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await run(count);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const done = worksDone() - doneBefore;
  if (done < count) throw new Error(`Only ${done} of ${count} tasks were run.`);
  return {
    tasksPerSecond: done / (tookMs / 1_000),
    cpuUs: (user + system) / done,
  };
}
