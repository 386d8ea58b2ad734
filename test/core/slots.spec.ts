import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { TaskBacklogFullError } from '../../lib/core/base/errors.js';
import { STARTS_PER_TURN, Slots } from '../../lib/core/running/slots.js';
import { Waiter } from '../../lib/core/base/waiting-line.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { deferred, type Deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});

describe('concurrency', () => {
  it('starts tasks first come, first served, across all scopes', async () => {
    const app = createRuntime({ concurrency: 2 });
    const other = app.openScope();
    const order: number[] = [];
    const work: Deferred<void>[] = [];
    const run = (n: number) => {
      order.push(n);
      const done = deferred();
      work.push(done);
      return done.promise;
    };
    for (let n = 0; n < 6; n++) {
      (n % 2 ? other : app).tasks.schedule(run, n);
    }
    await turn();
    expect(order).toEqual([0, 1]);
    expect(app.runtime.stats).toMatchObject({ running: 2, scheduled: 4 });

    for (let n = 0; n < 6; n++) {
      work[n]?.resolve();
      await turn();
    }

    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    await app.runtime.idle();
  });

  it('is unlimited by default', async () => {
    const { tasks, runtime } = createRuntime();
    for (let n = 0; n < 40; n++) tasks.schedule(never);
    await turn();

    expect(runtime.stats.running).toBe(40);
  });

  it('does not let a new task overtake those in line', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    const order: string[] = [];
    const first = tasks.schedule(never);
    tasks.schedule(() => void order.push('second'));
    await turn();

    first.cancel();
    tasks.schedule(() => void order.push('third'));
    await turn();

    expect(order).toEqual(['second', 'third']);
  });

  it('gives the slot of a cancelled task to the next', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    const first = tasks.schedule(never);
    const second = tasks.schedule(never);
    await turn();

    first.cancel();
    await turn();

    expect(second.status).toBe('running');
  });

  it('removes a cancelled task from the line', async () => {
    const { tasks } = createRuntime({ concurrency: 1, maxPending: 2 });
    const first = tasks.schedule(never);
    const second = tasks.schedule(never);
    const third = tasks.schedule(never);
    await turn();

    second.cancel();
    const fourth = tasks.schedule(never);
    await turn();
    expect(fourth.status).toBe('scheduled');
    first.cancel();
    await turn();

    expect([second, third, fourth].map(({ status }) => status)).toEqual([
      'cancelled',
      'running',
      'scheduled',
    ]);
  });

  it('releases the slot of a task that is cancelled just after it got the slot', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    const work = deferred();
    const first = tasks.schedule(() => work.promise);
    const second = tasks.schedule(never);
    const third = tasks.schedule(never);
    await turn();

    first.cancel();
    second.cancel();
    await turn();

    expect(third.status).toBe('running');
  });

  it('releases the slot of a task that an observer cancels at its start', async () => {
    const { tasks } = createRuntime({
      concurrency: 1,
      observers: [
        ({ type, task }) => {
          if (type === 'started' && task.name === 'first') task.cancel();
        },
      ],
    });
    let ran = false;
    const first = tasks
      .task({ name: 'first', timeout: 5 })
      .schedule(() => void (ran = true));
    const second = tasks.schedule(never);
    await turn();

    expect([first.status, second.status]).toEqual(['cancelled', 'running']);
    expect(ran).toBe(false);
  });

  it('does not delay work that is already running', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    tasks.schedule(never);
    await turn();

    const task = tasks.waitUntil(Promise.resolve(5));

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 5 });
  });
});

describe('maxPending', () => {
  it('drops the new task when that many are waiting, and calls its error handlers', async () => {
    const told: unknown[] = [];
    const { tasks, story, log, runtime } = createRuntime({
      concurrency: 1,
      maxPending: 2,
      onError: (task, error) => void told.push([task, error, currentTask()]),
    });
    tasks.schedule(never);
    const waiting = [tasks.schedule(never), tasks.schedule(never)];

    const dropped = tasks.task({ name: 'mail' }).schedule(never);
    const outcome = await dropped.settled();

    expect(waiting.map(({ status }) => status)).toEqual([
      'scheduled',
      'scheduled',
    ]);
    const { reason } = outcome as { reason: Error };
    expect(reason).toBeInstanceOf(TaskBacklogFullError);
    expect(reason).toMatchObject({
      code: 'TASK_BACKLOG_FULL',
      message:
        'Task "mail" was dropped: 2 tasks (maxPending) are already waiting for a slot. ' +
        'Raise `concurrency` or `maxPending`, or schedule fewer tasks.',
    });
    expect(told).toEqual([[dropped, reason, dropped]]);
    expect(story(dropped)).toEqual(['scheduled', 'dropped']);
    expect(log.lines).toEqual([{ level: 'warn', message: reason.message }]);
    expect(runtime.stats.dropped).toBe(1);
  });

  it('of 0 runs the tasks that get a slot at once, and drops the rest', async () => {
    const { tasks } = createRuntime({ concurrency: 2, maxPending: 0 });
    const made = [1, 2, 3].map(() => tasks.schedule(never));
    await turn();

    expect(made.map(({ status }) => status)).toEqual([
      'running',
      'running',
      'dropped',
    ]);
  });

  it('does not count tasks that have a free slot, in this turn or the next', async () => {
    const { tasks, runtime } = createRuntime({
      concurrency: 3 * STARTS_PER_TURN,
      maxPending: 0,
    });
    for (let n = 0; n < 3 * STARTS_PER_TURN; n++) tasks.schedule(never);
    await turn();
    await turn();
    await turn();
    expect(runtime.stats).toMatchObject({
      running: 3 * STARTS_PER_TURN,
      dropped: 0,
    });

    expect(await tasks.schedule(never).settled()).toMatchObject({
      status: 'dropped',
    });
  });

  it('does not count tasks that are not due', async () => {
    const app = createRuntime({ concurrency: 1, maxPending: 1 });
    const made = [1, 2, 3, 4].map(() =>
      app.tasks.afterResponse.schedule(never),
    );
    await turn();
    expect(app.runtime.stats.scheduled).toBe(4);

    endWell(app);
    await turn();

    expect(made.map(({ status }) => status)).toEqual([
      'running',
      'scheduled',
      'dropped',
      'dropped',
    ]);
  });
});

describe('the starts of one turn of the event loop', () => {
  it('are limited, and the rest follow in the next turns, in order', async () => {
    const { tasks } = createRuntime();
    const order: number[] = [];
    const total = 4 * STARTS_PER_TURN;
    for (let n = 0; n < total; n++) tasks.schedule(() => void order.push(n));

    let before = 0;
    for (let turns = 0; order.length < total; turns++) {
      expect(turns).toBeLessThan(10);
      await turn();
      expect(order.length - before).toBeLessThanOrEqual(STARTS_PER_TURN);
      before = order.length;
    }

    expect(order).toEqual([...order.keys()]);
  });

  it('follow the release of at most a thousand tasks, each in the async context of its call', async () => {
    const user = new AsyncLocalStorage<number>();
    const skipped: unknown[] = [];
    const app = createRuntime({
      observers: [
        ({ type }) => {
          if (type === 'skipped') skipped.push(user.getStore());
        },
      ],
    });
    const total = 3_500;
    const onFailure = app.tasks.afterResponse.task({ runOn: 'failure' });
    for (let n = 0; n < total; n++) {
      user.run(n, () => onFailure.schedule(never));
    }

    endWell(app);
    const seen: number[] = [];
    while (skipped.length < total) {
      await turn();
      seen.push(skipped.length);
    }

    expect(seen.slice(0, 3)).toEqual([1_000, 2_000, 3_000]);
    expect(skipped).toEqual([...skipped.keys()]);
  });

  it('let 20 000 tasks that are released at once complete, with turns in between', async () => {
    const app = createRuntime({ concurrency: 1000 });
    const total = 20_000;
    let running = 0;
    let most = 0;
    let turns = 0;
    let done = false;
    const count = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
    };
    for (let n = 0; n < total; n++) app.tasks.afterResponse.schedule(count);
    const tick = () => {
      turns += 1;
      if (!done) setImmediate(tick);
    };
    setImmediate(tick);

    endWell(app);
    await app.runtime.idle();
    done = true;

    expect(app.runtime.stats).toMatchObject({
      succeeded: total,
      scheduled: 0,
      running: 0,
    });
    expect(most).toBeLessThanOrEqual(STARTS_PER_TURN);
    expect(turns).toBeGreaterThanOrEqual(total / STARTS_PER_TURN - 1);
  }, 30_000);

  it('go to the tasks in line before any other', async () => {
    const entered: Waiter[] = [];
    const slots = new Slots<Waiter>(
      {
        now: () => 0,
        date: () => 0,
        after: () => () => {},
        nextTurn: () => {},
      },
      (waiter) => void entered.push(waiter),
      1,
    );
    const first = new Waiter();
    const second = new Waiter();
    expect(slots.take()).toBe(true);
    slots.wait(first);
    slots.free();
    // The slot is free, but belongs to the first task in line.
    expect(slots.take()).toBe(false);
    slots.wait(second);
    await Promise.resolve();
    expect(entered).toEqual([first]);
    slots.free();
    await Promise.resolve();

    expect(entered).toEqual([first, second]);
  });

  it('are not used up by tasks that left the line', () => {
    let nextTurn = () => {};
    const entered: Waiter[] = [];
    const slots = new Slots<Waiter>(
      {
        now: () => 0,
        date: () => 0,
        after: () => () => {},
        nextTurn: (callback) => void (nextTurn = callback),
      },
      (waiter) => void entered.push(waiter),
    );
    for (let n = 0; n < STARTS_PER_TURN; n++) expect(slots.take()).toBe(true);
    expect(slots.take()).toBe(false);
    const waiter = new Waiter();
    slots.wait(waiter);

    expect(waiter.leave()).toBe(true);
    expect(waiter.leave()).toBe(false);
    nextTurn();
    expect(entered).toEqual([]);

    for (let n = 0; n < STARTS_PER_TURN; n++) expect(slots.take()).toBe(true);
  });
});
