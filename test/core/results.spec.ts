import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  firstValueFrom,
  from,
  interval,
  NEVER,
  Observable,
  of,
  Subject,
  throwError,
} from 'rxjs';
import { TaskFailedError } from '../../lib/core/base/errors.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const outcomeOf = (fn: () => unknown) =>
  createRuntime().tasks.schedule(fn).settled();

describe('what a task returns', () => {
  it.each<[string, () => unknown, unknown]>([
    ['a value', () => 5, 5],
    ['nothing', () => undefined, undefined],
    ['null', () => null, null],
    ['a function', () => turn, turn],
    ['a promise', () => Promise.resolve(5), 5],
    ['a promise of a promise', async () => Promise.resolve(5), 5],
    [
      'a thenable',
      () => ({ then: (done: (value: number) => void) => done(5) }),
      5,
    ],
    [
      'a thenable that is a function',
      () =>
        Object.assign(() => {}, {
          then: (done: (value: number) => void) => done(5),
        }),
      5,
    ],
    [
      'an object with a `then` that is no function',
      () => ({ then: 5 }),
      { then: 5 },
    ],
    ['an Observable of no value', () => from([]), undefined],
    ['an Observable of one value', () => of(5), 5],
    ['an Observable of many values', () => of(1, 2, 5), 5],
    ['a promise of an Observable', async () => of(1, 5), 5],
    [
      'a thenable of an Observable',
      () => ({ then: (done: (value: unknown) => void) => done(of(5)) }),
      5,
    ],
    [
      'what has Symbol.observable only',
      () => ({
        '@@observable': () => {},
        subscribe(observer: { complete(): void; next(value: number): void }) {
          observer.next(5);
          observer.complete();
          return { unsubscribe() {} };
        },
      }),
      5,
    ],
  ])('may be %s', async (_, fn, value) => {
    expect(await outcomeOf(fn)).toEqual({ status: 'succeeded', value });
  });

  it('is used as it is when it has subscribe() but is not an Observable', async () => {
    const emitter = {
      subscribe: () => {
        throw new Error('not asked for');
      },
    };

    expect(await outcomeOf(() => emitter)).toEqual({
      status: 'succeeded',
      value: emitter,
    });
  });

  it('settles the task at once when it is a plain value', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => 5);

    await Promise.resolve();

    expect(task.status).toBe('succeeded');
  });

  it('has its `then` read once', async () => {
    let calls = 0;
    const query = {
      then(done: (value: number) => void) {
        calls += 1;
        done(calls);
      },
    };

    expect(await outcomeOf(() => query)).toEqual({
      status: 'succeeded',
      value: 1,
    });
    expect(calls).toBe(1);
  });
});

describe('an Observable', () => {
  it('settles the task when it completes, not when it emits', async () => {
    const { tasks } = createRuntime();
    const source = new Subject<number>();
    const task = tasks.schedule(() => source);
    await task.started();

    source.next(1);
    await turn();
    expect(task.status).toBe('running');
    source.complete();

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 1 });
  });

  it.each<[string, () => Observable<unknown>]>([
    ['fails', () => throwError(() => new Error('no'))],
    [
      'throws when subscribed to',
      () =>
        new Observable(() => {
          throw new Error('no');
        }),
    ],
    [
      'fails after a value',
      () =>
        new Observable((subscriber) => {
          subscriber.next(1);
          subscriber.error(new Error('no'));
        }),
    ],
  ])('fails the task when it %s', async (_, source) => {
    expect(await outcomeOf(source)).toEqual({
      status: 'failed',
      error: new Error('no'),
    });
  });

  it('is unsubscribed from when the task is cancelled', async () => {
    const { tasks } = createRuntime();
    let open = 0;
    const source = () =>
      new Observable(() => {
        open += 1;
        return () => void (open -= 1);
      });
    const task = tasks.schedule(source);
    const later = tasks.schedule(async () => source());
    await turn();
    expect(open).toBe(2);

    task.cancel();
    later.cancel();

    expect(open).toBe(0);
  });

  it('is unsubscribed from when the task times out', async () => {
    const { tasks, clock } = createRuntime();
    let open = false;
    const task = tasks.task({ timeout: 5 }).schedule(
      () =>
        new Observable(() => {
          open = true;
          return () => void (open = false);
        }),
    );
    await task.started();
    expect(open).toBe(true);

    await clock.advance(5);

    expect(open).toBe(false);
    expect(task.status).toBe('failed');
  });

  it('is not subscribed to when its promise resolves after the cancellation', async () => {
    const { tasks } = createRuntime();
    const promise = deferred<Observable<never>>();
    let subscribed = false;
    const task = tasks.schedule(() => promise.promise);
    await task.started();
    task.cancel();

    promise.resolve(
      new Observable(() => {
        subscribed = true;
      }),
    );
    await turn();

    expect(subscribed).toBe(false);
  });

  it('is unsubscribed from when the task cancels itself while subscribing', async () => {
    const { tasks } = createRuntime();
    let open = false;
    const task = tasks.schedule(
      () =>
        new Observable(() => {
          open = true;
          currentTask().cancel();
          return () => void (open = false);
        }),
    );

    await task.settled();
    await turn();

    expect(open).toBe(false);
    expect(task.status).toBe('cancelled');
  });

  it('that throws on unsubscribing changes nothing, and is logged', async () => {
    const { tasks, log } = createRuntime();
    const source = {
      lift: () => {},
      subscribe: () => ({
        unsubscribe: () => {
          throw new Error('stuck');
        },
      }),
    };
    const task = tasks.task({ name: 'feed' }).schedule(() => source);
    await task.started();

    task.cancel();

    expect(task.status).toBe('cancelled');
    expect(log.errors).toEqual([
      expect.stringMatching(
        /The Observable or generator of task "feed" \(.+\) failed when it was stopped: stuck/,
      ),
    ]);
  });

  it('that signals more than once counts once', async () => {
    const told: string[] = [];
    const { tasks, runtime, log } = createRuntime({
      onError: (_, { message }) => {
        told.push(message);
        return {
          lift: () => {},
          subscribe: (observer: { error(error: Error): void }) => {
            observer.error(new Error('first'));
            observer.error(new Error('second'));
            return { unsubscribe() {} };
          },
        };
      },
    });
    const task = tasks.schedule(() => ({
      lift: () => {},
      subscribe(observer: { error(error: Error): void; complete(): void }) {
        observer.error(new Error('one'));
        observer.complete();
        observer.error(new Error('two'));
        return { unsubscribe() {} };
      },
    }));
    await runtime.idle();
    await turn();

    expect(task.status).toBe('failed');
    expect(told).toEqual(['one']);
    expect(log.errors).toHaveLength(2);
  });

  it('that emits in another async context keeps that of the task', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { tasks, runtime, clock } = createRuntime({
      onError: () => void seen.push(['handler', storage.getStore()]),
    });
    const source = new Subject<never>();
    const task = storage.run('request 1', () =>
      tasks
        .task({ retries: 1, backoff: { type: 'fixed', delay: 5 } })
        .schedule(() => {
          seen.push([currentTask().attempt, storage.getStore()]);
          return currentTask().attempt === 1
            ? source
            : throwError(() => new Error('again'));
        }),
    );
    await task.started();

    storage.run('elsewhere', () => source.error(new Error('no')));
    await clock.advance(5);
    await runtime.idle();

    expect(seen).toEqual([
      [1, 'request 1'],
      [2, 'request 1'],
      ['handler', 'request 1'],
    ]);
  });

  it('may be the result of run()', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => of(1, 2));
    await task.settled();

    expect(await task.run()).toBe(2);
  });

  it('that never completes is ended only through the task', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => NEVER);
    await turn();

    expect(task.status).toBe('running');
    task.cancel();
    expect(task.status).toBe('cancelled');
  });

  it('of a real timer leaves no timer when it is cancelled', async () => {
    const { tasks } = createRuntime();
    const ticks = interval(1);
    const task = tasks.schedule(() => ticks);
    await firstValueFrom(ticks);

    expect(task.cancel()).toBe(true);
  });
});

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

function errorWith(key: 'message' | 'stack' | 'cause' | 'name'): Error {
  return Object.defineProperty(new Error('hidden'), key, {
    get() {
      throw new Error(`reading ${key} fails`);
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const hostile = new Proxy(
  {},
  {
    get: throwing(new Error('get')),
    getPrototypeOf: throwing(new Error('getPrototypeOf')),
    has: throwing(new Error('has')),
    ownKeys: throwing(new Error('ownKeys')),
  },
);

describe('the error of a task', () => {
  const errors: [string, Error][] = [
    ['an Error', new TypeError('wrong')],
    ['a frozen Error', Object.freeze(new Error('frozen'))],
    ['an Error whose message cannot be read', errorWith('message')],
    ['an Error whose stack cannot be read', errorWith('stack')],
    ['an Error whose cause cannot be read', errorWith('cause')],
    ['an Error whose name cannot be read', errorWith('name')],
    [
      'an Error whose message is a symbol',
      Object.assign(new Error('x'), {
        message: Symbol('m') as unknown as string,
      }),
    ],
    ['a DOMException', AbortSignal.abort().reason as Error],
  ];
  const others: [string, unknown][] = [
    ['a string', 'declined'],
    ['an empty string', ''],
    ['a number', 5],
    ['a bigint', 5n],
    ['a symbol', Symbol('declined')],
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['an object', { code: 5 }],
    ['an object without a prototype', Object.create(null)],
    ['a function', turn],
    ['a revoked Proxy', revoked()],
    ['a Proxy that throws from every trap', hostile],
  ];
  const ways: [string, (value: unknown) => () => unknown][] = [
    ['thrown', throwing],
    ['rejected with', (value) => () => Promise.reject(value)],
    [
      'rejected with by a thenable',
      (value) => () => ({
        then: (_: unknown, fail: (reason: unknown) => void) => fail(value),
      }),
    ],
    ['thrown by a `then`', (value) => () => ({ then: throwing(value) })],
    [
      'thrown by the getter of a `then`',
      (value) => () =>
        Object.defineProperty({}, 'then', { get: throwing(value) }),
    ],
    [
      'thrown by a getter of what a promise comes to',
      (value) => async () =>
        Object.defineProperty({}, 'subscribe', { get: throwing(value) }),
    ],
    ['the error of an Observable', (value) => () => throwError(() => value)],
  ];

  describe.each(ways)('when it is %s', (_, wayOf) => {
    it.each(errors)(
      'reaches the handler as it is: %s',
      async (_what, error) => {
        const told: unknown[] = [];
        const { tasks, runtime, log, story } = createRuntime({
          onError: (...args) => void told.push(args),
        });

        const task = tasks.task({ name: 'x' }).schedule(wayOf(error));
        const outcome = await task.settled();
        await runtime.idle();

        expect(outcome.status).toBe('failed');
        expect((outcome as { error: Error }).error === error).toBe(true);
        expect(told).toHaveLength(1);
        const [toldTask, toldError] = told[0] as [unknown, unknown];
        expect(toldTask === task && toldError === error).toBe(true);
        expect(log.lines).toHaveLength(1);
        expect(story(task)).toEqual(['scheduled', 'started', 'failed']);
      },
    );

    it.each(others)(
      'reaches the handler as the cause of an Error: %s',
      async (_what, value) => {
        const told: Error[] = [];
        const { tasks, runtime, log } = createRuntime({
          onError: (_task, error) => void told.push(error),
        });

        const task = tasks.task({ name: 'x' }).schedule(wayOf(value));
        await runtime.idle();

        expect(task.status).toBe('failed');
        expect(told).toHaveLength(1);
        const [error] = told as [Error];
        expect(error).toBeInstanceOf(TaskFailedError);
        expect(error.message).toMatch(
          /^Task "x" failed with .+, which is not an Error\.$/,
        );
        expect(Object.is(error.cause, value)).toBe(true);
        expect(log.errors[0]).toMatch(
          /^Task "x" \(.+\) failed on attempt 1, \d+ ms after its start: Task "x" failed with/,
        );
      },
    );
  });

  it('is logged once, with name, id, attempt and duration, and without arguments', async () => {
    const { tasks, clock, log } = createRuntime();
    const error = new Error('declined');
    const work = deferred();
    const charge = (card: string) => work.promise.then(() => card);
    const task = tasks.schedule(charge, '4242-secret');
    await task.started();
    await clock.advance(120);

    work.reject(error);
    await task.settled();

    expect(log.lines).toEqual([
      {
        level: 'error',
        message: `Task "charge" (${task.id}) failed on attempt 1, 120 ms after its start: declined`,
        error,
      },
    ]);
  });
});

describe('a generator that a task returns', () => {
  it.each<[string, () => unknown, unknown]>([
    [
      'an async generator',
      async function* () {
        yield await Promise.resolve(1);
        yield 2;
      },
      2,
    ],
    [
      'a generator',
      function* () {
        yield 1;
        yield 2;
      },
      2,
    ],
    [
      'a generator of promises',
      function* () {
        yield Promise.resolve(2);
      },
      2,
    ],
    [
      'a generator that returns a value',
      async function* () {
        yield 1;
        return 2;
      },
      2,
    ],
    ['a generator of nothing', function* () {}, undefined],
    [
      'a promise of a generator',
      async () =>
        (function* () {
          yield 2;
        })(),
      2,
    ],
  ])('is run to its end: %s', async (_, fn, value) => {
    expect(await outcomeOf(fn)).toEqual({ status: 'succeeded', value });
  });

  it('is a part of the task at every step', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { tasks } = createRuntime();
    const task = storage.run('here', () =>
      tasks.schedule(async function* () {
        for (let step = 0; step < 3; step += 1) {
          yield await turn();
          seen.push([storage.getStore(), currentTask().name]);
        }
      }),
    );
    await task.settled();

    expect(seen).toEqual(Array(3).fill(['here', 'anonymous']));
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      // oxlint-disable-next-line require-yield
      async function* () {
        throw new Error('no');
      },
    ],
    [
      'yields a promise that is rejected',
      function* () {
        yield Promise.reject(new Error('no'));
      },
    ],
  ])('fails the attempt when it %s', async (_, fn) => {
    expect(await outcomeOf(fn)).toEqual({
      status: 'failed',
      error: new Error('no'),
    });
  });

  it.each(['sync', 'async'])(
    'is ended when the task is cancelled or times out: %s',
    async (kind) => {
      const { tasks, clock } = createRuntime();
      const ended: string[] = [];
      const never = new Promise<never>(() => {});
      const steps = deferred();
      const wait = { async: steps.promise, sync: never }[kind];
      const generate = (name: string): (() => unknown) =>
        kind === 'async'
          ? async function* () {
              try {
                yield 1;
                yield await wait;
                ended.push('too far');
              } finally {
                ended.push(name);
              }
            }
          : function* () {
              try {
                yield wait;
                ended.push('too far');
              } finally {
                ended.push(name);
              }
            };
      const cancelled = tasks.schedule(generate('cancelled'));
      const late = tasks.task({ timeout: 5 }).schedule(generate('late'));
      await turn();
      cancelled.cancel();
      await clock.advance(5);
      steps.resolve();
      await turn();

      expect(ended).toEqual(['cancelled', 'late']);
      expect(cancelled.status).toBe('cancelled');
      expect(late.status).toBe('failed');
    },
  );

  it('is ended when it cancels its own task', async () => {
    const { tasks, log } = createRuntime();
    const steps: string[] = [];
    const task = tasks.schedule(function* () {
      try {
        steps.push('first');
        yield 1;
        currentTask().cancel();
        steps.push('second');
        yield 2;
        steps.push('third');
      } finally {
        steps.push('ended');
      }
    });
    await task.settled();
    await turn();

    expect(steps).toEqual(['first', 'second', 'ended']);
    expect(log.lines).toEqual([]);
  });

  it('that fails when it is ended changes nothing, and is logged', async () => {
    const { tasks, log } = createRuntime();
    const task = tasks.task({ name: 'feed' }).schedule(async function* () {
      try {
        for (;;) yield await turn();
      } finally {
        await Promise.reject(new Error('stuck'));
      }
    });
    await task.started();
    await turn();
    task.cancel();
    for (let step = 0; step < 5; step += 1) await turn();

    expect(task.status).toBe('cancelled');
    expect(log.errors).toEqual([
      expect.stringMatching(
        /generator of task "feed" \(.+\) failed when it was stopped: stuck/,
      ),
    ]);
  });

  it('is told from other iterables, which are values', async () => {
    const list = [1, 2];
    expect(await outcomeOf(() => list)).toEqual({
      status: 'succeeded',
      value: list,
    });
  });
});

describe('the `this` of a task', () => {
  it.each<[string, (this: unknown) => unknown]>([
    [
      'a function',
      function () {
        return this;
      },
    ],
    [
      'an async function',
      async function (this: { x?: unknown } | undefined) {
        return this?.x ?? this;
      } as (this: unknown) => unknown,
    ],
    [
      'a generator function',
      function* () {
        yield this;
      },
    ],
    [
      'an async generator function',
      async function* () {
        yield this;
      },
    ],
  ])('is undefined for %s', async (_, fn) => {
    expect(await outcomeOf(fn)).toEqual({
      status: 'succeeded',
      value: undefined,
    });
  });

  it('is explained to a method that was passed without its object', async () => {
    const object = {
      name: 'object',
      plain() {
        return this.name;
      },
      async later() {
        return this.name;
      },
      *generator() {
        yield this.name;
      },
      async *laterGenerator() {
        yield this.name;
      },
    };
    const { plain, later, generator, laterGenerator } = object;
    for (const method of [plain, later, generator, laterGenerator]) {
      expect(await outcomeOf(method)).toMatchObject({
        status: 'failed',
        error: {
          code: 'TASK_NOT_DECLARED',
          message: expect.stringContaining('uses `this.name`') as unknown,
        },
      });
    }
  });
});
