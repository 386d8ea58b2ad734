import { describe, expect, it } from '@jest/globals';
import { TaskDroppedError } from '../../lib/core/base/errors.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const noop = () => {};
const shutdown = { gracePeriod: 1000, abortPeriod: 100 };
const shield = true;

/** Returns a function that says whether the promise has resolved by now. */
function progressOf(promise: Promise<unknown>): { isOver: boolean } {
  const progress = { isOver: false };
  void promise.then(() => (progress.isOver = true));
  return progress;
}

describe('at shutdown unshielded tasks', () => {
  it('that are queued are dropped at once, without calling error handlers', async () => {
    const told: unknown[] = [];
    const { tasks, runtime, story } = createRuntime({
      shutdown,
      concurrency: 1,
      onError: (task) => void told.push(task),
    });
    const running = tasks.task({ shield }).schedule(never);
    await turn();
    const queued = [
      tasks.schedule(noop),
      tasks.afterRoute.schedule(noop),
      tasks.afterResponse.schedule(noop),
    ];
    await turn();

    const drained = runtime.shutdown.drain(false);

    for (const task of queued) {
      expect(task.status).toBe('dropped');
      const { reason } = (await task.settled()) as { reason: Error };
      expect(reason).toBeInstanceOf(TaskDroppedError);
      expect(reason).toMatchObject({
        code: 'TASK_DROPPED',
        message:
          'Task "noop" was dropped: the application is shutting down. ' +
          'Schedule it with `shield: true` if it must be completed.',
      });
      expect(task.signal.reason).toBe(reason);
      expect(story(task)).toEqual(['scheduled', 'dropped']);
    }
    expect(told).toEqual([]);
    running.cancel();
    await drained;
  });

  it('that ignore their signal release their slots to shielded ones', async () => {
    const { tasks, runtime } = createRuntime({ shutdown, concurrency: 1 });
    const deaf = tasks.schedule(never);
    const payment = tasks.task({ shield }).schedule(() => 'paid');
    await turn();
    expect(payment.status).toBe('scheduled');

    await runtime.shutdown.drain(false);

    expect(payment.status).toBe('succeeded');
    expect(deaf.status).toBe('running');
    await runtime.shutdown.drain(true);
    expect(deaf.status).toBe('dropped');
  });

  it('that are dropped between two drains are named at once', async () => {
    const { tasks, runtime, log } = createRuntime({ shutdown });
    await runtime.shutdown.drain(false);

    tasks.task({ name: 'late' }).schedule(noop);

    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('Task "late" was dropped'),
    ]);
    await runtime.shutdown.drain(true);
    expect(log.lines).toHaveLength(1);
  });

  it('that sleep between attempts are dropped at once', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const asleep = tasks.task({ retries: 1 }).schedule(() => {
      throw new Error('once');
    });
    await turn();
    expect(clock.pendingTimers).toBe(1);

    await runtime.shutdown.drain(false);

    expect(asleep.status).toBe('dropped');
    expect(clock.pendingTimers).toBe(0);
  });

  it('that run have their signal aborted at once, and are not awaited', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const running = tasks.schedule(never);
    await turn();

    await runtime.shutdown.drain(false);

    expect(running.status).toBe('running');
    expect(running.signal.aborted).toBe(true);
    expect(running.signal.reason).toBeInstanceOf(TaskDroppedError);
    expect(clock.now()).toBe(0);
    await runtime.shutdown.drain(true);
    expect(running.status).toBe('dropped');
  });

  it('that run may still succeed', async () => {
    const { tasks, runtime } = createRuntime({ shutdown });
    const work = deferred<number>();
    const running = tasks.schedule(() => work.promise);
    await turn();
    await runtime.shutdown.drain(false);

    work.resolve(5);
    await turn();
    await runtime.shutdown.drain(true);

    expect(await running.settled()).toEqual({ status: 'succeeded', value: 5 });
  });

  it('that reject once signalled are dropped: no retry, no handler, no error line', async () => {
    const told: unknown[] = [];
    const { tasks, runtime, log, clock, story } = createRuntime({
      shutdown,
      onError: (task) => void told.push(task),
    });
    const running = tasks
      .task({ name: 'upload', retries: 5, timeout: '1h' })
      .schedule(
        () =>
          new Promise((_, reject) => {
            const { signal } = currentTask();
            signal.addEventListener('abort', () => {
              reject(new Error('aborted', { cause: signal.reason }));
            });
          }),
      );
    await turn();

    await runtime.shutdown.drain(false);
    await turn();

    const { status, reason } = (await running.settled()) as {
      status: string;
      reason: Error;
    };
    expect(status).toBe('dropped');
    expect(reason).toMatchObject({
      code: 'TASK_DROPPED',
      cause: new Error('aborted'),
    });
    expect(running.attempt).toBe(1);
    expect(told).toEqual([]);
    expect(log.errors).toEqual([]);
    expect(story(running)).toEqual(['scheduled', 'started', 'dropped']);
    expect(clock.pendingTimers).toBe(0);
    await runtime.shutdown.drain(true);
    expect(log.warnings).toEqual([
      'The application has shut down its tasks: 1 task dropped: upload',
    ]);
  });

  it('that time out once signalled are dropped', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const running = tasks.task({ timeout: 10 }).schedule(never);
    await turn();
    await runtime.shutdown.drain(false);

    await clock.advance(10);

    expect(running.status).toBe('dropped');
  });

  it('that are scheduled afterwards are dropped at once', async () => {
    const app = createRuntime({ shutdown });
    const parent = deferred();
    const started = deferred();
    const made: { status: string }[] = [];
    app.tasks.task({ shield }).schedule(async () => {
      started.resolve();
      await parent.promise;
      made.push(
        app.tasks.schedule(noop),
        app.tasks.afterResponse.schedule(noop),
        app.tasks.waitUntil(never()),
      );
    });
    await started.promise;
    const drained = app.runtime.shutdown.drain(false);

    parent.resolve();
    await drained;

    expect(made.map(({ status }) => status)).toEqual([
      'dropped',
      'dropped',
      'dropped',
    ]);
  });
});

describe('a task that cancels itself when its signal is aborted', () => {
  it.each([true, false])(
    'is cancelled by the shutdown, not dropped (shielded: %p)',
    async (isShielded) => {
      const { tasks, runtime, clock, story } = createRuntime({ shutdown });
      const task = tasks.task({ shield: isShielded }).schedule(() => {
        const self = currentTask();
        self.signal.addEventListener('abort', () => void self.cancel('self'));
        return never();
      });
      const queued = tasks.afterRoute.schedule(noop);
      queued.signal.addEventListener('abort', () => void queued.cancel('self'));
      await turn();
      const drained = runtime.shutdown.drain(true);

      await clock.advance(1100);
      await drained;

      expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
      expect(story(queued)).toEqual(['scheduled', 'cancelled']);
      expect([task.status, queued.status]).toEqual(['cancelled', 'cancelled']);
      expect(runtime.stats).toMatchObject({ cancelled: 2, dropped: 0 });
    },
  );

  it('can be cancelled by an observer when the shutdown refuses it', async () => {
    const { tasks, runtime, story } = createRuntime({
      observers: [
        ({ type, task }) => {
          if (type === 'scheduled') task.cancel();
        },
      ],
    });
    await runtime.shutdown.drain(true);

    const task = tasks.schedule(noop);

    expect(task.status).toBe('cancelled');
    expect(story(task)).toEqual(['scheduled', 'cancelled']);
  });
});

describe('at shutdown shielded tasks', () => {
  it('continue within the grace period, whether queued, asleep or running', async () => {
    const app = createRuntime({ shutdown, concurrency: 1 });
    const { tasks, clock, runtime } = app;
    const work = deferred();
    const asleep = tasks
      .task({ shield, retries: 1, backoff: { type: 'fixed', delay: 500 } })
      .schedule(() => {
        if (currentTask().attempt === 1) throw new Error('once');
      });
    const running = tasks.task({ shield }).schedule(() => work.promise);
    const queued = tasks.task({ shield }).schedule(noop);
    const held = tasks.afterResponse.task({ shield }).schedule(noop);
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    await clock.advance(400);
    expect(progress.isOver).toBe(false);
    expect(running.signal.aborted).toBe(false);
    work.resolve();
    endWell(app);
    await turn();
    expect([running, queued, held].map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    expect(progress.isOver).toBe(false);
    await clock.advance(100);

    expect(asleep).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(progress.isOver).toBe(true);
    expect(clock.pendingTimers).toBe(0);
    expect(app.log.errors).toEqual([]);
  });

  it('fail as usual, and their error handlers are called and awaited', async () => {
    const handled = deferred();
    const { tasks, runtime } = createRuntime({
      shutdown,
      onError: () => handled.promise,
    });
    const work = deferred();
    const task = tasks.task({ shield }).schedule(() => work.promise);
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    work.reject(new Error('no'));
    await turn();
    expect(task.status).toBe('failed');
    expect(progress.isOver).toBe(false);
    handled.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
  });

  it('may be scheduled by tasks that still run, and are awaited', async () => {
    const { tasks, runtime } = createRuntime({ shutdown });
    const parent = deferred();
    const child = deferred();
    tasks.task({ shield }).schedule(async () => {
      await parent.promise;
      tasks.task({ shield }).schedule(() => child.promise);
    });
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    parent.resolve();
    await turn();
    expect(progress.isOver).toBe(false);
    child.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
    expect(runtime.stats).toMatchObject({ succeeded: 2, dropped: 0 });
  });

  it('may be scheduled by code that awaited the last one, without being aborted', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const first = deferred();
    const second = deferred();
    const task = tasks.task({ shield }).schedule(() => first.promise);
    await turn();
    const following = task
      .settled()
      .then(() => tasks.task({ shield }).schedule(() => second.promise));
    const progress = progressOf(runtime.shutdown.drain(false));

    first.resolve();
    const next = await following;
    await clock.advance(999);
    expect(next.signal.aborted).toBe(false);
    expect(progress.isOver).toBe(false);
    second.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
    expect(next.status).toBe('succeeded');
  });

  it('may be scheduled by requests between the drains, and are awaited in the second', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    await runtime.shutdown.drain(false);
    const work = deferred();
    const task = tasks.task({ shield }).schedule(() => work.promise);
    await turn();
    expect(task.status).toBe('running');
    const progress = progressOf(runtime.shutdown.drain(true));

    await clock.advance(900);
    expect(progress.isOver).toBe(false);
    work.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
    expect(task.status).toBe('succeeded');
  });

  it('have their signal aborted after the grace period, and the abort period to react', async () => {
    const { tasks, runtime, clock, log } = createRuntime({ shutdown });
    const reacts = tasks.task({ shield, name: 'reacts' }).schedule(
      () =>
        new Promise((_, reject) => {
          currentTask().signal.addEventListener('abort', () =>
            reject(new Error('stopped')),
          );
        }),
    );
    const value = deferred();
    const finishes = tasks
      .task({ shield, name: 'finishes' })
      .schedule(() => value.promise);
    const ignores = tasks.task({ shield, name: 'ignores' }).schedule(never);
    const held = tasks.afterResponse
      .task({ shield, name: 'held' })
      .schedule(noop);
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    await clock.advance(999);
    expect(reacts.signal.aborted).toBe(false);
    await clock.advance(1);
    expect([reacts, finishes, ignores].map((t) => t.signal.aborted)).toEqual([
      true,
      true,
      true,
    ]);
    expect(held.status).toBe('dropped');
    value.resolve();
    await clock.advance(99);
    expect([reacts, finishes, ignores].map(({ status }) => status)).toEqual([
      'dropped',
      'succeeded',
      'running',
    ]);
    expect(progress.isOver).toBe(false);
    await clock.advance(1);

    expect(progress.isOver).toBe(true);
    expect(ignores.status).toBe('dropped');
    expect(await ignores.settled()).toMatchObject({
      reason: {
        message: expect.stringMatching(
          /^Task "ignores" was dropped: .+grace period.+is over\. Raise `shutdown\.gracePeriod`/,
        ),
      },
    });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message:
          'The application has shut down its tasks: 3 tasks dropped: held, reacts, ignores',
      },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that all react end the abort period early', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    tasks.task({ shield }).schedule(
      () =>
        new Promise((_, reject) => {
          currentTask().signal.addEventListener('abort', reject);
        }),
    );
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    await clock.advance(1000);

    expect(progress.isOver).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that sleep at the end of the grace period are dropped then', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const task = tasks
      .task({ shield, retries: 1, backoff: { type: 'fixed', delay: '1h' } })
      .schedule(() => {
        throw new Error('once');
      });
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));

    await clock.advance(1000);

    expect(task.status).toBe('dropped');
    expect(progress.isOver).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('get no grace with a grace period of 0', async () => {
    const { tasks, runtime, clock } = createRuntime({
      shutdown: { gracePeriod: 0, abortPeriod: 0 },
    });
    const task = tasks.task({ shield }).schedule(never);
    await turn();
    const progress = progressOf(runtime.shutdown.drain(true));

    await clock.advance(0);

    expect(progress.isOver).toBe(true);
    expect(task.status).toBe('dropped');
  });

  it('that follow work that was already running are completed too', async () => {
    const { tasks, runtime } = createRuntime({ shutdown });
    const work = deferred();
    tasks.waitUntil(work.promise, { shield });
    const progress = progressOf(runtime.shutdown.drain(false));

    await turn();
    expect(progress.isOver).toBe(false);
    work.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
  });
});

describe('tasks dropped at shutdown', () => {
  it('are named in one line for all', async () => {
    const { tasks, runtime, log } = createRuntime({ shutdown });
    for (const name of ['a', 'b', 'c']) {
      tasks.afterResponse.task({ name }).schedule(noop);
    }

    await runtime.shutdown.drain(false);

    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'The application is shutting down: 3 tasks dropped: a, b, c',
      },
    ]);
  });

  it('are reported to observers, one by one', async () => {
    const { tasks, runtime, events } = createRuntime({ shutdown });
    tasks.schedule(never);
    tasks.afterResponse.schedule(noop);
    await turn();

    await runtime.shutdown.drain(true);

    expect(
      events.filter(({ type }) => type === 'dropped').map((e) => e.task.phase),
    ).toEqual(['afterResponse', 'immediate']);
    expect(runtime.stats).toMatchObject({
      dropped: 2,
      scheduled: 0,
      running: 0,
    });
  });

  it('do not come back when observers schedule again', async () => {
    const { tasks, runtime } = createRuntime({
      shutdown,
      observers: [
        ({ type, task }) => {
          if (type === 'dropped' && task.name !== 'again') {
            tasks.task({ name: 'again' }).schedule(noop);
          }
        },
      ],
    });
    tasks.afterResponse.schedule(noop);

    await runtime.shutdown.drain(true);

    expect(runtime.stats).toMatchObject({ scheduled: 0, dropped: 2 });
  });
});

describe('the length of a shutdown', () => {
  it('is zero when there is nothing to wait for', async () => {
    const { runtime, clock, log } = createRuntime();

    await runtime.shutdown.drain(false);
    await runtime.shutdown.drain(true);

    expect(clock.now()).toBe(0);
    expect(log.lines).toEqual([]);
  });

  it('counts the grace of both drains together', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const work = deferred();
    tasks.task({ shield }).schedule(() => work.promise);
    await turn();
    const first = runtime.shutdown.drain(false);
    await clock.advance(700);
    work.resolve();
    await first;
    await clock.advance(5000);
    const late = tasks.task({ shield }).schedule(never);
    const progress = progressOf(runtime.shutdown.drain(true));

    await clock.advance(299);
    expect(late.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(late.signal.aborted).toBe(true);
    await clock.advance(99);
    expect(progress.isOver).toBe(false);
    await clock.advance(1);

    expect(progress.isOver).toBe(true);
  });

  it('does not grow when the first drain used it up', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    tasks.task({ shield }).schedule(never);
    await turn();
    const first = runtime.shutdown.drain(false);
    await clock.advance(1100);
    await first;

    expect(tasks.task({ shield }).schedule(never).status).toBe('dropped');
    await runtime.shutdown.drain(true);

    expect(clock.now()).toBe(1100);
  });

  it('is bounded when an error handler never settles', async () => {
    const { tasks, runtime, clock } = createRuntime({
      shutdown,
      onError: never,
    });
    tasks.schedule(() => {
      throw new Error('no');
    });
    await turn();
    const progress = progressOf(runtime.shutdown.drain(true));

    await clock.advance(1099);
    expect(progress.isOver).toBe(false);
    await clock.advance(1);

    expect(progress.isOver).toBe(true);
  });

  it.each([false, true])(
    'is that of the first drain when a second is requested meanwhile (last: %p)',
    async (last) => {
      const { tasks, runtime, clock } = createRuntime({ shutdown });
      const work = deferred();
      const task = tasks.task({ shield }).schedule(() => work.promise);
      await turn();
      const first = progressOf(runtime.shutdown.drain(false));
      await clock.advance(900);
      const second = progressOf(runtime.shutdown.drain(last));
      await turn();
      expect(second.isOver).toBe(false);

      work.resolve();
      await turn();

      expect([first.isOver, second.isOver]).toEqual([true, true]);
      expect(task.status).toBe('succeeded');
      expect(clock.now()).toBe(900);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('is not doubled by a second drain that begins late', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    tasks.task({ shield }).schedule(never);
    await turn();
    const first = progressOf(runtime.shutdown.drain(false));
    await clock.advance(900);
    const second = progressOf(runtime.shutdown.drain(false));
    const third = progressOf(runtime.shutdown.drain(true));

    await clock.advance(200);

    expect([first.isOver, second.isOver, third.isOver]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('after the last drain', () => {
  it('every task settles as dropped, with a warning each', async () => {
    const { tasks, runtime, log } = createRuntime();
    await runtime.shutdown.drain(true);
    let ran = false;

    const task = tasks
      .task({ shield, name: 'late' })
      .schedule(() => void (ran = true));

    expect(task.status).toBe('dropped');
    await turn();
    expect(ran).toBe(false);
    expect(await task.settled()).toMatchObject({
      reason: { code: 'TASK_DROPPED' },
    });
    expect(log.warnings).toEqual([
      expect.stringMatching(/^Task "late" was dropped: the application/),
    ]);
  });

  it('nothing is left of any kind of task', async () => {
    const app = createRuntime({ shutdown, concurrency: 2 });
    const { tasks, runtime, clock } = app;
    for (const isShielded of [true, false]) {
      const on = tasks.task({ shield: isShielded, retries: 3, timeout: '1h' });
      on.schedule(never);
      on.schedule(never);
      on.schedule(() => Promise.reject(new Error('no')));
      tasks.afterRoute.task({ shield: isShielded }).schedule(noop);
      tasks.waitUntil(never(), { shield: isShielded });
    }
    void app.scope.routeEnded({ failed: false, threw: false });
    await turn();

    const first = runtime.shutdown.drain(false);
    await clock.advance(1100);
    await first;
    await runtime.shutdown.drain(true);
    await turn();

    expect(runtime.stats).toMatchObject({ scheduled: 0, running: 0 });
    expect(clock.pendingTimers).toBe(0);
    await runtime.idle();
  });

  it('another drain changes nothing', async () => {
    const { runtime, log, clock } = createRuntime();
    await runtime.shutdown.drain(true);

    await runtime.shutdown.drain(true);
    await runtime.shutdown.drain(false);

    expect(log.lines).toEqual([]);
    expect(clock.now()).toBe(0);
  });

  it('phases may still be released', async () => {
    const app = createRuntime();
    app.tasks.afterRoute.schedule(noop);
    app.tasks.afterResponse.schedule(noop);
    await app.runtime.shutdown.drain(true);

    endWell(app);
    await turn();

    expect(app.runtime.stats).toMatchObject({ dropped: 2, scheduled: 0 });
  });
});

describe('a task that shuts the application down itself', () => {
  it.each([true, false])(
    'does not wait for itself (shielded: %p)',
    async (isShielded) => {
      const { tasks, runtime, clock } = createRuntime({ shutdown });
      const task = tasks.task({ shield: isShielded }).schedule(async () => {
        await runtime.shutdown.drain(false);
        await runtime.shutdown.drain(true);
        return 'done';
      });

      expect(await task.settled()).toEqual({
        status: 'succeeded',
        value: 'done',
      });
      expect(task.signal.aborted).toBe(false);
      expect(clock.now()).toBe(0);
    },
  );

  it('waits for the other shielded tasks', async () => {
    const { tasks, runtime } = createRuntime({ shutdown });
    const work = deferred();
    const other = tasks.task({ shield }).schedule(() => work.promise);
    const closing = tasks
      .task({ shield })
      .schedule(() => runtime.shutdown.drain(true));
    await turn();
    expect(closing.status).toBe('running');

    work.resolve();
    await closing.settled();

    expect([other.status, closing.status]).toEqual(['succeeded', 'succeeded']);
  });

  it('releases a drain that is already waiting for it', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const go = deferred();
    const closing = tasks.task({ shield }).schedule(async () => {
      await go.promise;
      await runtime.shutdown.drain(false);
    });
    await turn();
    const progress = progressOf(runtime.shutdown.drain(false));
    await turn();
    expect(progress.isOver).toBe(false);

    go.resolve();
    await turn();

    expect(progress.isOver).toBe(true);
    expect(closing.status).toBe('succeeded');
    expect(clock.now()).toBe(0);
  });

  it('may be two at once', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const close = () => runtime.shutdown.drain(true);
    const both = [
      tasks.task({ shield }).schedule(close),
      tasks.task({ shield }).schedule(close),
    ];

    for (const task of both) {
      expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    }
    expect(clock.now()).toBe(0);
  });

  it('is no longer excepted once the attempt that did so has ended', async () => {
    const { tasks, runtime, clock } = createRuntime({ shutdown });
    const other = tasks.task({ shield }).schedule(never);
    const closing = tasks
      .task({ timeout: 900, retries: 1, backoff: { type: 'fixed', delay: 1 } })
      .schedule(() =>
        currentTask().attempt === 1 ? runtime.shutdown.drain(true) : never(),
      );

    await clock.advance(1100);

    expect(other.status).toBe('dropped');
    expect([closing.status, closing.attempt]).toEqual(['dropped', 2]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('may do it in its error handler', async () => {
    const { tasks, runtime, clock } = createRuntime({
      shutdown,
      onError: () => runtime.shutdown.drain(true),
    });
    const task = tasks.task({ shield }).schedule(() => {
      throw new Error('fatal');
    });

    await runtime.idle();

    expect(task.status).toBe('failed');
    expect(clock.now()).toBe(0);
    expect(tasks.schedule(noop).status).toBe('dropped');
  });
});
