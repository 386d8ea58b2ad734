import { describe, expect, it } from '@jest/globals';
import {
  TaskCancelledError,
  TaskFailedError,
  TaskTimeoutError,
} from '../../lib/core/errors.js';
import { currentTask } from '../../lib/core/task-context.js';
import type { Task } from '../../lib/core/task.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { deferred, type Deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const noop = () => {};

/** A signal that knows who listens to it. */
function countedSignal() {
  const listeners = new Set<unknown>();
  const target = new EventTarget();
  const signal = Object.assign(target, {
    aborted: false,
    reason: undefined,
    addEventListener: (type: string, listener: () => void) => {
      listeners.add(listener);
      EventTarget.prototype.addEventListener.call(target, type, listener);
    },
    removeEventListener: (type: string, listener: () => void) => {
      listeners.delete(listener);
      EventTarget.prototype.removeEventListener.call(target, type, listener);
    },
  }) as unknown as AbortSignal;
  const abort = () => target.dispatchEvent(new Event('abort'));
  return { signal, listeners, abort };
}

describe('a task', () => {
  it('starts in the next microtask, never inside schedule()', async () => {
    const { tasks } = createRuntime();
    const order: string[] = [];

    const task = tasks.schedule(() => void order.push('task'));
    order.push('caller');

    expect(task).toMatchObject({ status: 'scheduled', attempt: 0 });
    await Promise.resolve();
    expect(order).toEqual(['caller', 'task']);
    expect(task).toMatchObject({ status: 'succeeded', attempt: 1 });
  });

  it('knows its arguments, phase and options, and has an id of its own', () => {
    const { tasks } = createRuntime();
    const add = (a: number, b: number) => a + b;

    const task = tasks.afterRoute.task({ shield: true }).schedule(add, 1, 2);
    const other = tasks.afterRoute.schedule(add, 1, 2);

    expect(task).toMatchObject({
      name: 'add',
      phase: 'afterRoute',
      args: [1, 2],
      options: { shield: true },
    });
    expect(task.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(task.id).toBe(task.id);
    expect(task.id).not.toBe(other.id);
  });

  it('is no thenable', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(noop);

    expect('then' in task).toBe(false);
    expect(await Promise.resolve(task)).toBe(task);
  });

  it('settles as succeeded with its value', async () => {
    const { tasks, story } = createRuntime();

    const task = tasks.schedule((name: string) => `hello ${name}`, 'world');

    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'hello world',
    });
    expect(task.status).toBe('succeeded');
    expect(story(task)).toEqual(['scheduled', 'started', 'succeeded']);
  });

  it('tells of its outcome as often as it is asked, before and after', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => 1);
    const before = task.settled();

    await before;

    expect(await task.settled()).toEqual(await before);
    expect(await task.settled()).toEqual({ status: 'succeeded', value: 1 });
  });

  it('tells when it has started', async () => {
    const { tasks } = createRuntime();
    const work = deferred();
    const task = tasks.schedule(() => work.promise);
    expect(task.status).toBe('scheduled');

    await task.started();

    expect(task.status).toBe('running');
    await task.started();
    work.resolve();
    await task.settled();
    await task.started();
  });

  it('tells that it has started when it settles without', async () => {
    const { tasks } = createRuntime();
    const task = tasks.afterResponse.schedule(noop);
    const started = task.started();

    task.cancel();

    await started;
    await task.started();
    expect(task.attempt).toBe(0);
  });

  it('stays settled, whatever comes after', async () => {
    const { tasks, story } = createRuntime();
    const task = tasks.schedule(noop);
    await task.settled();

    expect(task.cancel('too late')).toBe(false);

    expect(task.status).toBe('succeeded');
    expect(task.signal.aborted).toBe(false);
    expect(story(task)).toEqual(['scheduled', 'started', 'succeeded']);
  });
});

describe('who writes a task down', () => {
  it('does not meet the tasks around it, while they wait and while they run', async () => {
    const app = createRuntime();
    const [, task, running] = [
      app.tasks.afterResponse.schedule(never),
      app.tasks.afterResponse.schedule(noop),
      app.tasks.schedule(never),
      app.tasks.afterResponse.schedule(never),
    ];
    await turn();

    for (const written of [task, running]) {
      expect(JSON.parse(JSON.stringify(written))).toEqual({
        phase: written?.phase,
        args: [],
        options: {},
        startedAtMs: expect.any(Number) as unknown,
      });
    }
  });
});

describe('the name of a task', () => {
  function charge() {}
  const { tasks } = createRuntime();
  const nameOf = (fn: () => void) => tasks.schedule(fn).name;

  it('is by default that of its function', () => {
    expect(nameOf(charge)).toBe('charge');
    expect(nameOf(noop)).toBe('noop');
  });

  it('is that of the method that was bound', () => {
    expect(nameOf(charge.bind(null))).toBe('charge');
    expect(nameOf(charge.bind(null).bind(null))).toBe('charge');
  });

  it('is anonymous when the function has none', () => {
    expect(nameOf(() => {})).toBe('anonymous');
    expect(nameOf((() => () => {})().bind(null))).toBe('anonymous');
  });

  it('is the one given, if one is given', () => {
    expect(tasks.task({ name: 'payment_7' }).schedule(charge).name).toBe(
      'payment_7',
    );
  });

  it.each<[string, PropertyDescriptor]>([
    ['a number', { value: 5 }],
    ['a symbol', { value: Symbol('name') }],
    ['a method', { value: noop }],
    ['nothing', { value: undefined }],
    [
      'a getter that throws',
      {
        get() {
          throw new Error('no name');
        },
      },
    ],
  ])('is anonymous when the name of its function is %s', async (_, name) => {
    const failing = Object.defineProperty(
      () => {
        throw 'a string';
      },
      'name',
      name,
    );
    const task = tasks.schedule(failing);

    expect(task.name).toBe('anonymous');
    expect(await task.settled()).toMatchObject({ status: 'failed' });
  });
});

describe('cancel()', () => {
  it('before the start keeps a task from ever running', async () => {
    const app = createRuntime();
    let ran = false;
    const task = app.tasks.afterResponse.schedule(() => void (ran = true));

    expect(task.cancel('not wanted')).toBe(true);
    expect(task.status).toBe('cancelled');
    endWell(app);
    await turn();

    expect(ran).toBe(false);
    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'not wanted',
    });
    expect(task.signal).toMatchObject({ aborted: true, reason: 'not wanted' });
    expect(app.story(task)).toEqual(['scheduled', 'cancelled']);
  });

  it('in the very call that scheduled it keeps an immediate task from running', async () => {
    const { tasks } = createRuntime();
    let ran = false;

    tasks.schedule(() => void (ran = true)).cancel();
    await turn();

    expect(ran).toBe(false);
  });

  it('while running fires the signal and settles at once', async () => {
    const { tasks, story } = createRuntime();
    let signal: AbortSignal | undefined;
    const task = tasks.schedule(() => {
      ({ signal } = currentTask());
      return never();
    });
    await task.started();

    expect(task.cancel('enough')).toBe(true);

    expect(task.status).toBe('cancelled');
    expect(signal).toMatchObject({ aborted: true, reason: 'enough' });
    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'enough',
    });
    expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
  });

  it.each<[string, (work: Deferred<void>) => void]>([
    ['value', (work) => work.resolve()],
    ['rejection', (work) => work.reject(new Error('late'))],
  ])('makes a late %s go nowhere', async (_, finish) => {
    const { tasks, story, log } = createRuntime();
    const work = deferred();
    const task = tasks.schedule(() => work.promise);
    await task.started();
    task.cancel();

    finish(work);
    await turn();

    expect(task.status).toBe('cancelled');
    expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
    expect(log.lines).toEqual([]);
  });

  it('without a reason gives one with a code', async () => {
    const { tasks } = createRuntime();
    const task = tasks.task({ name: 'report' }).schedule(never);

    task.cancel();

    const { reason } = (await task.settled()) as { reason: unknown };
    expect(reason).toBeInstanceOf(TaskCancelledError);
    expect(reason).toMatchObject({
      code: 'TASK_CANCELLED',
      message: 'Task "report" was cancelled.',
    });
    expect(task.signal.reason).toBe(reason);
  });

  it('takes null for a reason', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(never);

    task.cancel(null);

    expect(await task.settled()).toEqual({ status: 'cancelled', reason: null });
  });

  it('by the task itself settles it, whatever it goes on to do', async () => {
    const { tasks, story } = createRuntime();
    const task = tasks.schedule(() => {
      currentTask().cancel('by itself');
      throw new Error('after that');
    });

    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'by itself',
    });
    await turn();
    expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
  });

  it('counts once when the signal it fires cancels again', async () => {
    const { tasks, story } = createRuntime();
    const task: Task<[], never> = tasks.schedule(never);
    task.signal.addEventListener('abort', () => void task.cancel('again'));

    task.cancel('first');

    expect(await task.settled()).toMatchObject({ reason: 'first' });
    expect(story(task)).toEqual(['scheduled', 'cancelled']);
  });

  it('tells no error handler and logs nothing', async () => {
    const told: unknown[] = [];
    const { tasks, log } = createRuntime({
      onError: (task) => void told.push(task),
    });
    const task = tasks.schedule(never);
    await task.started();

    task.cancel();
    await turn();

    expect(told).toEqual([]);
    expect(log.lines).toEqual([]);
  });
});

describe('cancel(name)', () => {
  it('cancels the queued tasks of that name, phase and scope, and counts them', async () => {
    const app = createRuntime();
    const other = app.openScope();
    const ran: string[] = [];
    const named = (what: string) =>
      [{ name: 'mail' }, () => void ran.push(what)] as const;
    const schedule = (on: typeof app.tasks.afterRoute, what: string) => {
      const [options, fn] = named(what);
      on.task(options).schedule(fn);
    };
    schedule(app.tasks.afterRoute, 'after route');
    schedule(app.tasks.afterResponse, 'first');
    schedule(app.tasks.afterResponse, 'second');
    app.tasks.afterResponse.task({ name: 'else' }).schedule(noop);
    schedule(other.tasks.afterResponse, 'other scope');

    expect(app.tasks.afterResponse.cancel('mail')).toBe(2);
    expect(app.tasks.afterResponse.cancel('mail')).toBe(0);
    expect(app.tasks.cancel('mail')).toBe(0);

    endWell(app);
    endWell(other);
    await app.runtime.idle();
    expect(ran).toEqual(['after route', 'other scope']);
  });

  it('leaves alone what runs or sleeps between attempts', async () => {
    const { tasks, clock } = createRuntime();
    const running = tasks.task({ name: 'x' }).schedule(never);
    const asleep = tasks
      .task({ name: 'x', retries: 1, backoff: { type: 'fixed', delay: 9 } })
      .schedule(() => {
        if (currentTask().attempt === 1) throw new Error('once');
      });
    await turn();
    expect(asleep).toMatchObject({ status: 'scheduled', attempt: 1 });

    expect(tasks.cancel('x')).toBe(0);

    await clock.advance(9);
    expect(asleep.status).toBe('succeeded');
    expect(running.status).toBe('running');
  });

  it('cancels those that wait for a slot', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    const running = tasks.task({ name: 'x' }).schedule(never);
    const waiting = tasks.task({ name: 'x' }).schedule(never);
    await turn();

    expect(tasks.cancel('x')).toBe(1);

    expect(waiting.status).toBe('cancelled');
    expect(running.status).toBe('running');
  });

  it('ends when an observer answers by scheduling the same again', async () => {
    let left = 10;
    const { tasks } = createRuntime({
      observers: [
        ({ type }) => {
          if (type === 'cancelled' && left-- > 0) again();
        },
      ],
    });
    const again = () => tasks.afterResponse.task({ name: 'x' }).schedule(noop);
    again();

    expect(tasks.afterResponse.cancel('x')).toBe(1);
  });
});

describe('the signal of a task', () => {
  it('is made when it is asked for, and stays the same during an attempt', async () => {
    const { tasks } = createRuntime();
    const seen: AbortSignal[] = [];
    const task = tasks.schedule(() => {
      seen.push(currentTask().signal);
      return never();
    });

    const early = task.signal;
    await task.started();

    expect(seen).toEqual([early]);
    expect(task.signal).toBe(early);
    expect(early.aborted).toBe(false);
  });

  it('has fired already when it is asked for after a cancellation', () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(never);

    task.cancel('gone');

    expect(task.signal).toMatchObject({ aborted: true, reason: 'gone' });
  });

  it('fires on a timeout with the error of the attempt', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks.task({ timeout: 50 }).schedule(never);
    const { signal } = task;
    await task.started();

    await clock.advance(50);

    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(TaskTimeoutError);
    expect(await task.settled()).toEqual({
      status: 'failed',
      error: signal.reason,
    });
  });

  it('is a fresh one in every attempt', async () => {
    const { tasks, clock } = createRuntime();
    const seen: AbortSignal[] = [];
    const task = tasks
      .task({ timeout: 5, retries: 2, backoff: { type: 'fixed', delay: 5 } })
      .schedule(() => {
        seen.push(currentTask().signal);
        return never();
      });

    await clock.advance(30);

    expect(await task.settled()).toMatchObject({ status: 'failed' });
    expect(new Set(seen).size).toBe(3);
    expect(seen.every(({ aborted }) => aborted)).toBe(true);
  });

  it('has not fired at the start of an attempt that follows a timeout', async () => {
    const { tasks, clock } = createRuntime();
    const fired: boolean[] = [];
    const task = tasks
      .task({ timeout: 5, retries: 1, backoff: { type: 'fixed', delay: 5 } })
      .schedule(() => {
        fired.push(currentTask().signal.aborted);
        if (currentTask().attempt === 1) return never();
        return 'value';
      });

    await clock.advance(20);

    expect(fired).toEqual([false, false]);
    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'value',
    });
    expect(task.signal.aborted).toBe(false);
  });
});

describe('options.signal', () => {
  it('that has fired already cancels the task at once', async () => {
    const { tasks, story } = createRuntime();
    let ran = false;

    const task = tasks
      .task({ signal: AbortSignal.abort('early') })
      .schedule(() => void (ran = true));

    expect(task.status).toBe('cancelled');
    await turn();
    expect(ran).toBe(false);
    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'early',
    });
    expect(story(task)).toEqual(['scheduled', 'cancelled']);
  });

  it('cancels a queued, a running and a sleeping task', async () => {
    const { tasks, clock } = createRuntime();
    const controller = new AbortController();
    const { signal } = controller;
    const queued = tasks.afterRoute.task({ signal }).schedule(noop);
    const running = tasks.task({ signal }).schedule(never);
    const asleep = tasks.task({ signal, retries: 1 }).schedule(() => {
      throw new Error('once');
    });
    await turn();
    expect(clock.pendingTimers).toBe(1);

    controller.abort('stop');

    for (const task of [queued, running, asleep]) {
      expect(task.status).toBe('cancelled');
      expect(await task.settled()).toMatchObject({ reason: 'stop' });
      expect(task.signal.reason).toBe('stop');
    }
    expect(clock.pendingTimers).toBe(0);
  });

  it('has one listener, however many tasks share it', () => {
    const { tasks } = createRuntime();
    const { signal, listeners, abort } = countedSignal();
    const shared = Array.from({ length: 20 }, () =>
      tasks.task({ signal }).schedule(never),
    );

    expect(listeners.size).toBe(1);
    shared[0]?.cancel();
    abort();

    expect(new Set(shared.map(({ status }) => status))).toEqual(
      new Set(['cancelled']),
    );
  });

  it('is not listened to any more once the task has settled', async () => {
    const { tasks } = createRuntime();
    const { signal, listeners, abort } = countedSignal();
    const done = tasks.task({ signal }).schedule(noop);
    const failed = tasks.task({ signal }).schedule(() => {
      throw new Error('no');
    });
    const cancelled = tasks.afterRoute.task({ signal }).schedule(noop);
    expect(listeners.size).toBeGreaterThan(0);

    cancelled.cancel('otherwise');
    await turn();

    expect(listeners.size).toBe(0);
    abort();
    expect([done, failed, cancelled].map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
      'cancelled',
    ]);
  });
});

describe('run()', () => {
  it('executes the function once more with the same arguments', async () => {
    const { tasks, story } = createRuntime();
    let calls = 0;
    const task = tasks.schedule((by: number) => (calls += by), 5);
    await task.settled();

    expect(await task.run()).toBe(10);

    expect(task.attempt).toBe(1);
    expect(await task.settled()).toEqual({ status: 'succeeded', value: 5 });
    expect(story(task)).toEqual(['scheduled', 'started', 'succeeded']);
  });

  it('rejects with the error, telling no handler and logging nothing', async () => {
    const told: string[] = [];
    const { tasks, log, clock } = createRuntime({
      onError: (_, { message }) => void told.push(message),
      defaults: { timeout: 5 },
    });
    let calls = 0;
    const error = new Error('declined');
    const task = tasks.schedule(() => {
      calls += 1;
      throw error;
    });
    await task.settled();
    expect(told).toEqual(['declined']);

    await expect(task.run()).rejects.toBe(error);

    expect(calls).toBe(2);
    expect(told).toEqual(['declined']);
    expect(log.errors).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with an Error when the function fails with none', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => Promise.reject('a string'));
    await task.settled();

    const error = await task.run().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: 'a string' });
  });

  it('is inside the task, with a signal that has not fired', async () => {
    const { tasks, clock } = createRuntime();
    const seen: unknown[] = [];
    const task = tasks.task({ timeout: 5 }).schedule(() => {
      const { signal } = currentTask();
      seen.push([currentTask() === task, signal.aborted]);
      return seen.length === 1 ? never() : 'second';
    });
    await clock.advance(5);
    expect(task.status).toBe('failed');

    expect(await task.run()).toBe('second');

    expect(seen).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  it('lets an error handler make good what failed', async () => {
    let works = false;
    const results: unknown[] = [];
    const { tasks, runtime } = createRuntime({
      onError: async (task) => {
        works = true;
        results.push(await task.run());
      },
    });

    const task = tasks.schedule(() => {
      if (!works) throw new Error('not yet');
      return 'made good';
    });
    await runtime.idle();

    expect(results).toEqual(['made good']);
    expect(task.status).toBe('failed');
  });
});
