import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { from, Observable } from 'rxjs';
import {
  checkTaskOptions,
  declaredOptions,
} from '../../lib/core/options/task-option-checks.js';
import {
  checkTaskSettings,
  type TaskSettings,
} from '../../lib/core/options/task-settings.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type {
  TaskInterceptor,
  TaskInterceptorFunction,
  TaskInterceptors,
} from '../../lib/core/task/task-interceptor.js';
import type { Task, TaskOptions } from '../../lib/core/task/task.js';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const outcomeOf = (task: Task) => task.settled();

function runtimeWith(...interceptors: TaskInterceptors) {
  return createRuntime({ interceptors });
}

/** An interceptor that records its way in and out. */
function noting(name: string, notes: string[]): TaskInterceptorFunction {
  return async (task, next) => {
    notes.push(`${name} in, attempt ${task.attempt}`);
    try {
      return await next();
    } finally {
      notes.push(`${name} out`);
    }
  };
}

describe('interceptors', () => {
  it('wrap every attempt, the outermost first', async () => {
    const notes: string[] = [];
    const { tasks, clock } = runtimeWith(
      noting('a', notes),
      noting('b', notes),
    );
    const task = tasks
      .task({ retries: 1, backoff: () => 5 })
      .schedule((order: string) => {
        notes.push(`runs ${order}`);
        if (currentTask().attempt === 1) throw new Error('not yet');
        return 'done';
      }, '42');
    expect(notes).toEqual([]);

    await clock.advance(5);

    expect(await outcomeOf(task)).toEqual({
      status: 'succeeded',
      value: 'done',
    });
    expect(notes).toEqual(
      [1, 2].flatMap((attempt) => [
        `a in, attempt ${attempt}`,
        `b in, attempt ${attempt}`,
        'runs 42',
        'b out',
        'a out',
      ]),
    );
  });

  it('are around every phase, but not around work that already runs', async () => {
    const wrapped: string[] = [];
    const { tasks, scope } = runtimeWith((task, next) => {
      wrapped.push(task.name);
      return next();
    });
    const all = [
      tasks.task({ name: 'now' }).schedule(() => {}),
      tasks.afterRoute.task({ name: 'route' }).schedule(() => {}),
      tasks.afterResponse.task({ name: 'response' }).schedule(() => {}),
      tasks.waitUntil(Promise.resolve(), { name: 'tracked' }),
    ];

    await scope.routeEnded({ failed: false, threw: false });
    scope.responseEnded({ succeeded: true });
    await Promise.all(all.map(outcomeOf));

    expect(wrapped).toEqual(['now', 'route', 'response']);
  });

  it('are not around run(), which is a plain execution', async () => {
    let wrapped = 0;
    const { tasks } = runtimeWith((_task, next) => {
      wrapped += 1;
      return next();
    });
    const task = tasks.schedule(() => 'value');
    await task.settled();

    expect(await task.run()).toBe('value');
    expect(wrapped).toBe(1);
  });

  it('may be classes', async () => {
    class Doubling implements TaskInterceptor {
      async intercept(_task: Task, next: () => Promise<unknown>) {
        return 2 * ((await next()) as number);
      }
    }
    const { tasks } = runtimeWith(Doubling, Doubling);

    const task = tasks.schedule(() => 10);

    expect(await outcomeOf(task)).toMatchObject({ value: 40 });
  });

  it.each<[string, unknown, string]>([
    [
      'one function',
      () => {},
      '`interceptors` must be an array, got a function',
    ],
    [
      'a list with a text',
      [() => {}, 'log'],
      '`interceptors[]` must be a function, or a class with an `intercept(task, next)` method, got',
    ],
    ['a class without intercept()', [class Log {}], 'method, got a function'],
    ['an object', [{ intercept: () => {} }], 'got an object'],
  ])('are refused when they are %s', (_what, interceptors, message) => {
    const settings = { interceptors } as TaskSettings;

    expect(() => checkTaskSettings(settings, 'The settings')).toThrow(message);
    expect(() => declaredOptions(settings, '@Task()')).toThrow(message);
    expect(() => checkTaskOptions(settings as TaskOptions)).toThrow(
      'have no `interceptors`',
    );
  });
});

describe('what an interceptor returns or throws', () => {
  it.each<[string, TaskInterceptorFunction, unknown]>([
    ['a value, without next()', () => 'cached', 'cached'],
    [
      'another value',
      async (_, next) => `<${String(await next())}>`,
      '<value>',
    ],
    ['nothing', (_, next) => void next(), undefined],
    ['an Observable', (_, next) => from(next()), 'value'],
  ])('is what the attempt came to: %s', async (_what, interceptor, value) => {
    const { tasks } = runtimeWith(interceptor);

    const task = tasks.schedule(() => Promise.resolve('value'));

    expect(await outcomeOf(task)).toEqual({ status: 'succeeded', value });
  });

  it('is its error, and so tried again', async () => {
    const seen: unknown[] = [];
    const { tasks, clock } = runtimeWith(async (task, next) => {
      try {
        return await next();
      } catch (error) {
        seen.push(error);
        throw new RangeError(`attempt ${task.attempt}`, { cause: error });
      }
    });
    const task = tasks
      .task({
        retries: 2,
        backoff: () => 1,
        retryIf: (error) => error.message === 'attempt 1',
      })
      .schedule(() => Promise.reject('a string'));

    await clock.advance(1);

    expect(await outcomeOf(task)).toMatchObject({
      status: 'failed',
      error: { name: 'RangeError', message: 'attempt 2' },
    });
    // next() rejects with an Error, whatever the task rejected with.
    expect(seen).toEqual([
      expect.objectContaining({ code: 'TASK_FAILED', cause: 'a string' }),
      expect.objectContaining({ code: 'TASK_FAILED', cause: 'a string' }),
    ]);
  });

  it('replaces an error by a value', async () => {
    const { tasks, log } = runtimeWith((_task, next) =>
      next().catch(() => 'a default'),
    );
    const task = tasks.schedule(() => {
      throw new Error('no');
    });

    expect(await outcomeOf(task)).toMatchObject({ value: 'a default' });
    expect(log.lines).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a string', 'no'],
    ['nothing', undefined],
  ])('is an Error when it throws %s at once', async (_what, thrown) => {
    const { tasks } = runtimeWith(() => {
      throw thrown;
    });

    expect(await outcomeOf(tasks.schedule(() => {}))).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_FAILED', cause: thrown },
    });
  });

  it('may come before the end of the task, whose late failure is ignored', async () => {
    const work = deferred();
    const { tasks, log } = runtimeWith((_task, next) => {
      void next();
      return 'early';
    });
    const task = tasks.schedule(() => work.promise);
    expect(await outcomeOf(task)).toMatchObject({ value: 'early' });

    work.reject(new Error('late'));
    await turn();

    expect(task.status).toBe('succeeded');
    expect(log.lines).toEqual([]);
  });
});

describe('next()', () => {
  it('is refused the second time, and the attempt goes on', async () => {
    let runs = 0;
    const refusals: unknown[] = [];
    const { tasks } = runtimeWith(async (_task, next) => {
      const first = next();
      await next().catch((error: unknown) => refusals.push(error));
      // Nobody waits for this refusal.
      void next();
      return first;
    });
    const task = tasks.task({ name: 'charge' }).schedule(() => {
      runs += 1;
      return runs;
    });

    expect(await outcomeOf(task)).toMatchObject({ value: 1 });
    expect(runs).toBe(1);
    expect(refusals).toEqual([
      expect.objectContaining({
        code: 'TASK_INTERCEPTOR_INVALID',
        message: expect.stringMatching(/"charge".*next\(\) twice.*retries/),
      }),
    ]);
  });

  it('is refused after the end of its interceptor', async () => {
    let late: (() => Promise<unknown>) | undefined;
    let runs = 0;
    const { tasks } = runtimeWith((_task, next) => {
      late = next;
      return 'early';
    });
    await tasks.schedule(() => (runs += 1)).settled();

    await expect(late?.()).rejects.toMatchObject({
      code: 'TASK_INTERCEPTOR_INVALID',
    });
    expect(runs).toBe(0);
  });
});

describe('an attempt that ends from outside', () => {
  it.each<[string, TaskInterceptorFunction]>([
    ['never ends', never],
    ['ignores the error of next()', (_task, next) => next().catch(never)],
    ['waits before next()', async (_task, next) => (await never(), next())],
  ])('times out when its interceptor %s', async (_what, interceptor) => {
    const { tasks, clock } = runtimeWith(interceptor);
    const task = tasks.task({ timeout: 50 }).schedule(never);

    await clock.advance(50);

    expect(await outcomeOf(task)).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_TIMEOUT' },
    });
    expect(task.signal.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects next() with the reason, so that locks and transactions end', async () => {
    const reasons: unknown[] = [];
    const { tasks, clock } = runtimeWith((_task, next) =>
      next().catch((error: unknown) => {
        reasons.push(error);
        throw error;
      }),
    );
    tasks.task({ timeout: 50 }).schedule(never);
    const cancelled = tasks.schedule(never);
    const withText = tasks.schedule(never);
    await clock.advance(50);

    cancelled.cancel();
    withText.cancel('no longer needed');
    await turn();

    expect(reasons).toEqual([
      expect.objectContaining({ code: 'TASK_TIMEOUT' }),
      expect.objectContaining({ code: 'TASK_CANCELLED' }),
      expect.objectContaining({ cause: 'no longer needed' }),
    ]);
  });

  it('gives its slot back, and what its interceptor does late changes nothing', async () => {
    const gate = deferred();
    const { tasks, story, log } = createRuntime({
      concurrency: 1,
      interceptors: [
        (task, next) =>
          task.name === 'held'
            ? gate.promise.then(() => Promise.reject(new Error('late')))
            : next(),
      ],
    });
    const held = tasks.task({ name: 'held' }).schedule(() => {});
    const other = tasks.schedule(() => 'ran');
    await turn();

    held.cancel();

    expect(await outcomeOf(other)).toMatchObject({ value: 'ran' });
    gate.resolve();
    await turn();
    expect(story(held)).toEqual(['scheduled', 'started', 'cancelled']);
    expect(log.lines).toEqual([]);
  });

  it('is not run when it was cancelled before next()', async () => {
    const gate = deferred();
    let runs = 0;
    const late: unknown[] = [];
    const { tasks } = runtimeWith(async (_task, next) => {
      await gate.promise;
      await next().catch((error: unknown) => late.push(error));
    });
    const task = tasks.schedule(() => (runs += 1));
    await turn();
    task.cancel();

    gate.resolve();
    await turn();

    expect(runs).toBe(0);
    expect(late).toEqual([expect.objectContaining({ code: 'TASK_CANCELLED' })]);
  });

  it('unsubscribes from Observables, of the task and of interceptors', async () => {
    const ends: string[] = [];
    const endless = (name: string) =>
      new Observable(() => () => void ends.push(name));
    const { tasks } = runtimeWith(
      (_task, next) => {
        void next();
        return endless('outer');
      },
      (_task, next) => {
        void next();
        return endless('inner');
      },
    );
    const task = tasks.schedule(() => endless('task'));
    const self = tasks.schedule(() => {
      currentTask().cancel();
      return endless('cancelled itself');
    });
    await turn();
    expect(self.status).toBe('cancelled');

    task.cancel();

    expect(ends.sort()).toEqual([
      'cancelled itself',
      'inner',
      'inner',
      'outer',
      'outer',
      'task',
    ]);
  });
});

describe('the async context of an interceptor', () => {
  const tenant = new AsyncLocalStorage<string>();
  const inTenant: TaskInterceptorFunction = (task, next) =>
    tenant.run(`${tenant.getStore() ?? 'none'}/${task.attempt}`, next);

  it('is there in the task, and in the error handlers of its final failure', async () => {
    const seen: unknown[] = [];
    const { tasks, clock } = runtimeWith(inTenant);
    tenant.run('caller', () =>
      tasks
        .task({
          retries: 1,
          backoff: () => 5,
          onError: [
            () => void seen.push(['first handler', tenant.getStore()]),
            async () => {
              await turn();
              seen.push(['second handler', tenant.getStore()]);
            },
          ],
        })
        .schedule(async () => {
          await turn();
          seen.push(['task', tenant.getStore()]);
          throw new Error('no');
        }),
    );

    await turn();
    await turn();
    await clock.advance(5);
    await turn();
    await turn();

    // The second attempt is not inside the context of the first.
    expect(seen).toEqual([
      ['task', 'caller/1'],
      ['task', 'caller/2'],
      ['first handler', 'caller/2'],
      ['second handler', 'caller/2'],
    ]);
  });

  it('is there in the error handlers when a further interceptor runs nothing, and after a timeout', async () => {
    const seen: unknown[] = [];
    const { tasks, clock } = createRuntime({
      onError: () => void seen.push(tenant.getStore()),
      interceptors: [
        inTenant,
        (task, next) => {
          if (task.name === 'open circuit') throw new Error('open');
          return next();
        },
      ],
    });
    tasks.task({ name: 'open circuit' }).schedule(() => {});
    tasks.task({ timeout: 10 }).schedule(never);

    await clock.advance(10);

    expect(seen).toEqual(['none/1', 'none/1']);
  });

  it('has the task', async () => {
    const seen: unknown[] = [];
    const { tasks } = runtimeWith(async (task, next) => {
      seen.push(currentTask() === task);
      await turn();
      seen.push(currentTask() === task);
      return next();
    });

    await tasks.schedule(() => {}).settled();

    expect(seen).toEqual([true, true]);
  });
});
