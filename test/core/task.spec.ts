import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  TaskCancelledError,
  TaskFailedError,
  TaskTimeoutError,
} from '../../lib/core/base/errors.js';
import { TaskError } from '../../lib/core/base/task-error.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { Task } from '../../lib/core/task/task.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { deferred, type Deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const noop = () => {};

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('It threw nothing.');
}

/** A signal that records its listeners. */
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

  it('has its arguments, phase and options, and an id of its own', () => {
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

  it('is not a thenable', async () => {
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

  it('resolves settled() every time, before and after the outcome', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => 1);
    const before = task.settled();

    await before;

    expect(await task.settled()).toEqual(await before);
    expect(await task.settled()).toEqual({ status: 'succeeded', value: 1 });
  });

  it('resolves started() when it has started', async () => {
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

  it('resolves started() when it settles without starting', async () => {
    const { tasks } = createRuntime();
    const task = tasks.afterResponse.schedule(noop);
    const started = task.started();

    task.cancel();

    await started;
    await task.started();
    expect(task.attempt).toBe(0);
  });

  it('stays settled, whatever happens afterwards', async () => {
    const { tasks, story } = createRuntime();
    const task = tasks.schedule(noop);
    await task.settled();

    expect(task.cancel('too late')).toBe(false);

    expect(task.status).toBe('succeeded');
    expect(task.signal.aborted).toBe(false);
    expect(story(task)).toEqual(['scheduled', 'started', 'succeeded']);
  });
});

describe('the times of a task', () => {
  it('are those at which it was scheduled, first started and settled', async () => {
    const { tasks, clock } = createRuntime();
    await clock.advance(1_000);
    const work = deferred();
    let calls = 0;
    const task = tasks.task({ retries: 1, backoff: () => 20 }).schedule(() => {
      calls += 1;
      if (calls === 1) throw new Error('first');
      return work.promise;
    });
    const { scheduledAt, startedAt } = task;
    expect({ scheduledAt, startedAt }).toEqual({ scheduledAt: 1_000 });
    await clock.advance(20);
    expect(task.attempt).toBe(2);
    expect(task.endedAt).toBeUndefined();

    await clock.advance(5);
    work.resolve();
    await task.settled();

    expect(task).toMatchObject({
      scheduledAt: 1_000,
      startedAt: 1_000,
      endedAt: 1_025,
    });
  });

  it('of one that never ran have no start', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks.afterRoute.schedule(noop);
    await clock.advance(7);

    task.cancel();

    expect(task).toMatchObject({ scheduledAt: 0, endedAt: 7 });
    expect(task.startedAt).toBeUndefined();
  });
});

describe('logging a task', () => {
  const secret = 'hunter2';
  const logged = async () => {
    const app = createRuntime();
    const tasks = [
      app.tasks.afterResponse.schedule(never),
      app.tasks.afterResponse.schedule((_password: string) => {}, secret),
      app.tasks
        .task({ name: 'reset' })
        .schedule((_password: string) => never(), secret),
      app.tasks.afterResponse.schedule(never),
    ] as const;
    await turn();
    return tasks;
  };
  const faceOf = ({ id, name, phase, status, attempt }: Task) => ({
    id,
    name,
    phase,
    status,
    attempt,
  });

  it('shows what it is and where it stands, and never its arguments', async () => {
    const [, waiting, running] = await logged();
    for (const task of [waiting, running] as unknown as Task[]) {
      expect(JSON.parse(JSON.stringify({ task }))).toEqual({
        task: faceOf(task),
      });
      const inspected = inspect(task, { depth: Infinity, showHidden: true });
      expect(inspected).toBe(`Task ${inspect(faceOf(task))}`);
      expect(format('%o', { task })).not.toContain(secret);
      expect(JSON.stringify({ ...task })).not.toContain(secret);
      expect(inspect({ ...task }, { depth: Infinity })).not.toContain(secret);
    }
    expect(faceOf(running)).toMatchObject({
      name: 'reset',
      phase: 'immediate',
      status: 'running',
      attempt: 1,
    });
  });

  it('does not traverse the tasks around it, whether they wait or run', async () => {
    for (const task of await logged()) {
      const inside = Object.values(task as object).filter(
        (value) => typeof value === 'object',
      );
      expect(inside).toEqual([]);
    }
  });

  it('of what schedules it shows nothing of its request', () => {
    const { tasks } = createRuntime();
    for (const scheduler of [
      tasks,
      tasks.afterRoute,
      tasks.task({ name: 'x' }),
    ]) {
      expect(JSON.stringify(scheduler)).toBe('{}');
      expect(Object.keys(scheduler)).toEqual([]);
    }
  });
});

describe('a name or a message in the log', () => {
  const forged = 'pay\n[Nest] 1 - LOG admin logged in\u2028';
  const endless = 'x'.repeat(5_000_000);

  it.each([forged, endless])(
    'is on one line, and cut, wherever it is written: %.9s',
    async (name) => {
      const fails = () => Promise.reject(new Error(name));
      const { tasks, scope, clock, log, runtime } = createRuntime({
        concurrency: 2,
        maxPending: 0,
        afterRoute: { timeout: 5 },
      });
      const named = tasks.task({ name });
      const errors: unknown[] = [];
      const keep = (_: Task, error: Error) => errors.push(error);
      named.task({ onError: keep, retries: 1 }).schedule(fails);
      named.task({ onError: fails }).schedule(fails);
      await clock.advance(500);
      named.task({ timeout: 5, onError: keep }).schedule(never);
      named.task({ retries: 1, retryIf: fails as never }).schedule(fails);
      await clock.advance(5);
      named.task({ onError: keep }).schedule(() => Promise.reject(name));
      await clock.advance(5);
      tasks.afterRoute.task({ name }).schedule(never);
      void scope.routeEnded({ failed: false, threw: false });
      await clock.advance(5);
      named.schedule(never);
      named.task({ onError: keep }).schedule(never);
      named.task({ onError: keep }).schedule(never);
      await turn();
      errors.push(
        thrownBy(() => tasks.task({ runOn: name as never })),
        thrownBy(() =>
          tasks.task({ name }).task({ durable: true }).schedule(never),
        ),
      );
      void runtime.shutdown.drain(true);
      await clock.advance(60_000);

      expect(log.lines.length).toBeGreaterThan(8);
      for (const { message } of log.lines) {
        expect(message).not.toMatch(/[\n\u2028]/);
        expect(message.length).toBeLessThan(10_000);
      }
      // What users throw is theirs; what we say about it is short and on one line.
      const ours = errors.filter((error) => error instanceof TaskError);
      expect(ours.length).toBeGreaterThan(3);
      for (const { message } of ours) {
        expect(message).not.toMatch(/[\n\u2028]/);
        expect(message.length).toBeLessThan(10_000);
      }
    },
  );
});

describe('the name of a task', () => {
  function charge() {}
  const { tasks } = createRuntime();
  const nameOf = (fn: () => void) => tasks.schedule(fn).name;

  it('is the name of its function by default', () => {
    expect(nameOf(charge)).toBe('charge');
    expect(nameOf(noop)).toBe('noop');
  });

  it('is the name of the method that was bound', () => {
    expect(nameOf(charge.bind(null))).toBe('charge');
    expect(nameOf(charge.bind(null).bind(null))).toBe('charge');
  });

  it('is anonymous when the function has none', () => {
    expect(nameOf(() => {})).toBe('anonymous');
    expect(nameOf((() => () => {})().bind(null))).toBe('anonymous');
  });

  it('is the given name, if there is one', () => {
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

  it('right after schedule() keeps an immediate task from running', async () => {
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

  it('without a reason uses an error with a code', async () => {
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

  it('accepts null as a reason', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(never);

    task.cancel(null);

    expect(await task.settled()).toEqual({ status: 'cancelled', reason: null });
  });

  it('by the task itself settles it, whatever it does afterwards', async () => {
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

  it('calls no error handler and logs nothing', async () => {
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

  it('does not affect tasks that run or sleep between attempts', async () => {
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

  it('cancels tasks that wait for a slot', async () => {
    const { tasks } = createRuntime({ concurrency: 1 });
    const running = tasks.task({ name: 'x' }).schedule(never);
    const waiting = tasks.task({ name: 'x' }).schedule(never);
    await turn();

    expect(tasks.cancel('x')).toBe(1);

    expect(waiting.status).toBe('cancelled');
    expect(running.status).toBe('running');
  });

  it('terminates when an observer responds by scheduling the same task again', async () => {
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
  it('is created on first access, and stays the same during an attempt', async () => {
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

  it('is already aborted when first accessed after a cancellation', () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(never);

    task.cancel('gone');

    expect(task.signal).toMatchObject({ aborted: true, reason: 'gone' });
  });

  it('is aborted by a timeout, with the error of the attempt', async () => {
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

  it('is a new one in every attempt', async () => {
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

  it('is not aborted at the start of an attempt that follows a timeout', async () => {
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
  it('cancels the task at once when it is already aborted', async () => {
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

  it('has no listener any more once the task has settled', async () => {
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

  it('rejects with the error, without calling error handlers or logging', async () => {
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

  it('rejects with an Error when the function throws something else', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => Promise.reject('a string'));
    await task.settled();

    const error = await task.run().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: 'a string' });
  });

  it('runs inside the task, with a signal that is not aborted', async () => {
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

  it('lets an error handler recover from the failure', async () => {
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
