import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import {
  currentTask,
  TaskCancelledError,
  TaskDroppedError,
  TaskTimeoutError,
} from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import type { TaskSettings } from '../../lib/core/options/task-settings.js';
import { createRuntime, type CoreRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import type * as computing from './modules/computing.js';
import { Latch } from './support/latch.js';
import { WatchedThreads } from './support/watched-threads.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/computing.js', import.meta.url);
const compute = inThread<typeof computing.compute>(url, 'compute');
const computeWatched = inThread<typeof computing.computeWatched>(
  url,
  'computeWatched',
);
const succeedAtCall = inThread<typeof computing.succeedAtCall>(
  url,
  'succeedAtCall',
);

const latches: Latch[] = [];
const cores: CoreRuntime[] = [];
let threads: WatchedThreads;

function newLatch(): Latch {
  const latch = new Latch();
  latches.push(latch);
  return latch;
}

function createCore(settings: TaskSettings = {}): CoreRuntime {
  const core = createRuntime(settings);
  cores.push(core);
  return core;
}

beforeEach(async () => {
  threads = await WatchedThreads.listen();
});
afterEach(async () => {
  for (const latch of latches.splice(0)) latch.release();
  for (const { runtime } of cores.splice(0)) await runtime.shutdown.drain(true);
  threads.close();
});

describe('a call on a thread', () => {
  it('ends with its attempt when that times out', async () => {
    const latch = newLatch();
    const { tasks, clock } = createCore();
    const task = tasks
      .task({ timeout: '5s' })
      .schedule(computeWatched, latch.shared, threads.port);
    await latch.started();
    await clock.advance(5_000);

    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_TIMEOUT' },
    });
    await threads.ended();
    expect(latch.isComputing).toBe(true);
  });

  it('is made again for a further attempt, and has that one’s time', async () => {
    const first = newLatch();
    const second = newLatch();
    const given = [first, second];
    const { tasks, clock } = createCore();
    const task = tasks
      .task({ timeout: '5s', retries: 1, backoff: { type: 'fixed', delay: 0 } })
      .schedule(() => computeWatched(given.shift()!.shared, threads.port));
    await first.started();
    await clock.advance(5_000);
    await clock.advance(0);
    await second.started();
    await threads.ended();
    await clock.advance(4_000);
    second.release();

    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'computed',
    });
    expect(task.attempt).toBe(2);
  });

  it('is tried again when it fails', async () => {
    const calls = new SharedArrayBuffer(4);
    const { tasks, clock, story } = createCore();
    const task = tasks.task({ retries: 2 }).schedule(succeedAtCall, calls, 3);
    // The pauses are of the manual clock, the calls of real threads.
    while (['scheduled', 'running'].includes(task.status)) {
      await clock.advance(1_000);
    }

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 3 });
    expect(story(task).slice(-2)).toEqual(['started', 'succeeded']);
  });

  it.each<[string, unknown]>([
    ['the reason of its own that it is given', 'enough'],
    ['the error that it is given', new Error('enough')],
  ])(
    'rejects where it was made with %s when its task is cancelled',
    async (_which, reason) => {
      const latch = newLatch();
      const { tasks } = createCore();
      const thrown: unknown[] = [];
      const task = tasks.schedule(async () => {
        try {
          await compute(latch.shared);
        } catch (error) {
          thrown.push(error);
        }
      });
      await latch.started();
      task.cancel(reason);
      await turn();

      expect(thrown).toEqual([reason]);
    },
  );

  it('rejects with what the signal says when nobody gave a reason', async () => {
    const latch = newLatch();
    const { tasks } = createCore();
    const results: unknown[] = [];
    const task = tasks.schedule(async () => {
      results.push(...(await Promise.allSettled([compute(latch.shared)])));
    });
    await latch.started();
    task.cancel();
    await turn();

    expect(results).toEqual([
      { status: 'rejected', reason: expect.any(TaskCancelledError) },
    ]);
  });

  it('does not start when it is made after the signal has fired', async () => {
    const latch = newLatch();
    const { tasks } = createCore();
    const results: unknown[] = [];
    const task = tasks.schedule(async () => {
      await turn();
      results.push(...(await Promise.allSettled([compute(latch.shared)])));
    });
    await task.started();
    task.cancel('enough');
    await turn();
    await turn();

    expect(results).toEqual([{ status: 'rejected', reason: 'enough' }]);
    expect(latch.hasStarted).toBe(false);
  });

  it('leaves calls in other threads alone, and those that wait', async () => {
    const [ended, sibling, waiting] = [newLatch(), newLatch(), newLatch()];
    const { tasks } = createCore({ threads: { max: 2 } });
    const cancelled = tasks.schedule(
      computeWatched,
      ended.shared,
      threads.port,
    );
    const first = tasks.schedule(compute, sibling.shared);
    const second = tasks.schedule(compute, waiting.shared);
    await Promise.all([ended.started(), sibling.started()]);
    expect(waiting.hasStarted).toBe(false);
    cancelled.cancel();
    await threads.ended();
    await waiting.started();
    sibling.release();
    waiting.release();

    for (const task of [first, second]) {
      expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    }
  });

  it('gives up its place when it is cancelled while it waits', async () => {
    const [running, given, last] = [newLatch(), newLatch(), newLatch()];
    const { tasks } = createCore({ threads: { max: 1 } });
    const first = tasks.schedule(compute, running.shared);
    const second = tasks.schedule(compute, given.shared);
    const third = tasks.schedule(compute, last.shared);
    await running.started();

    expect(second.cancel()).toBe(true);
    running.release();
    await last.started();
    last.release();
    expect(await first.settled()).toMatchObject({ status: 'succeeded' });
    expect(await third.settled()).toMatchObject({ status: 'succeeded' });
    expect(given.hasStarted).toBe(false);
  });

  it('ends at once at shutdown when its task is not shielded', async () => {
    const latch = newLatch();
    const { tasks, runtime } = createCore();
    const task = tasks.schedule(computeWatched, latch.shared, threads.port);
    await latch.started();
    await runtime.shutdown.drain(false);
    await threads.ended();
    await runtime.shutdown.drain(true);

    expect(latch.isComputing).toBe(true);
    expect(await task.settled()).toMatchObject({
      status: 'dropped',
      reason: { code: 'TASK_DROPPED' },
    });
  });

  it('is carried through the grace period when its task is shielded', async () => {
    const latch = newLatch();
    const { tasks, runtime } = createCore();
    const task = tasks
      .task({ shield: true })
      .schedule(computeWatched, latch.shared, threads.port);
    await latch.started();
    const drained = runtime.shutdown.drain(true);
    await turn();
    expect(threads.count).toBe(0);
    latch.release();
    await drained;

    expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    await threads.ended();
  });

  it('ends with the grace period', async () => {
    const latch = newLatch();
    const { tasks, runtime, clock } = createCore();
    const task = tasks
      .task({ shield: true })
      .schedule(computeWatched, latch.shared, threads.port);
    await latch.started();
    const drained = runtime.shutdown.drain(true);
    await clock.advance(10_000);
    await threads.ended();
    await drained;

    expect(latch.isComputing).toBe(true);
    expect(await task.settled()).toMatchObject({ status: 'dropped' });
  });

  it('is refused when the application has shut down', async () => {
    const latch = newLatch();
    const goOn = deferred();
    const results: unknown[] = [];
    const { tasks, runtime, clock } = createCore();
    const task = tasks.task({ shield: true }).schedule(async () => {
      await goOn.promise;
      const { signal } = currentTask();
      expect(signal.aborted).toBe(true);
      results.push(...(await Promise.allSettled([compute(latch.shared)])));
    });
    await task.started();
    const drained = runtime.shutdown.drain(true);
    await clock.advance(11_000);
    await drained;
    goOn.resolve();
    await turn();

    expect(results).toEqual([
      { status: 'rejected', reason: expect.any(TaskDroppedError) },
    ]);
    expect(latch.hasStarted).toBe(false);
  });
});

describe('an error handler', () => {
  it('can make calls after its task has timed out', async () => {
    const [slow, quick] = [newLatch(), newLatch()];
    quick.release();
    const results: unknown[] = [];
    const handled = deferred();
    const { tasks, clock } = createCore({ threads: { max: 1 } });
    tasks
      .task({
        timeout: '5s',
        onError: async (_task, error) => {
          expect(error).toBeInstanceOf(TaskTimeoutError);
          results.push(await compute(quick.shared));
          handled.resolve();
        },
      })
      .schedule(compute, slow.shared);
    await slow.started();
    await clock.advance(5_000);
    await handled.promise;

    expect(results).toEqual(['computed']);
  });

  it('can run its task again, on the threads of the application', async () => {
    const calls = new SharedArrayBuffer(4);
    const results: unknown[] = [];
    const { tasks, runtime } = createCore();
    tasks
      .task({ onError: async (task) => void results.push(await task.run()) })
      .schedule(succeedAtCall, calls, 2);
    await runtime.idle();

    expect(results).toEqual([2]);
  });
});
