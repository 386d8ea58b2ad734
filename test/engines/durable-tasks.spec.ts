import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post, Scope, type Type } from '@nestjs/common';
import {
  currentTask,
  OnTaskError,
  Task,
  Tasks,
  TasksModule,
  type DurableEngine,
  type TaskEvent,
  type TaskJob,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { StoringEngine } from './support/storing-engine.js';
import { z } from 'zod';

afterEach(closeApps);

/** A controller whose one route does what the test says. */
function controllerOf(handle: (tasks: Tasks) => unknown): Type {
  @Controller()
  class TestController {
    @Post()
    handle(@Tasks() tasks: Tasks) {
      return handle(tasks);
    }
  }
  return TestController;
}

const caller = new AsyncLocalStorage<string>();

@Injectable()
class Ledger {
  readonly written: unknown[] = [];
  readonly callers: unknown[] = [];
}

@Injectable()
class Mail {
  constructor(private readonly ledger: Ledger) {}

  @Task('mail', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 0 },
  })
  send(...args: unknown[]) {
    const { attempt, key } = currentTask();
    this.ledger.written.push({ args, attempt, key });
    this.ledger.callers.push(caller.getStore());
    if (args[0] === 'fails') throw new Error('refused');
    if (args[0] === 'flaky' && attempt === 1) throw new Error('once more');
  }
}

describe.each(platforms)('durable tasks over $name', (platform) => {
  async function open(
    handle: (tasks: Tasks) => unknown,
    engine: DurableEngine = inProcessEngine(),
    providers: Type[] = [],
  ) {
    const events: TaskEvent[] = [];
    const app = await createApp(platform, {
      tasks: { engine, observers: [(event) => void events.push(event)] },
      providers: [Mail, Ledger, ...providers],
      controllers: [controllerOf(handle)],
    });
    return {
      ...app,
      events,
      written: app.app.get(Ledger).written,
      tester: TasksTester.for(app.app),
      post: () => app.request('/', { method: 'POST' }),
      story: () => events.map(({ type, task }) => `${task.name} ${type}`),
    };
  }

  it('go on in a worker under the same id, with what they were called with', async () => {
    const when = new Date(0);
    const app = await open((tasks) => {
      tasks.afterRoute
        .task({ key: 'k1' })
        .of(Mail)
        .send(
          'ok',
          when,
          new Map([[1, new Set([2n])]]),
          undefined,
          Buffer.from('b'),
        );
    });
    expect((await app.post()).status).toBe(201);
    await app.tester.waitFor({ status: 'succeeded' });
    await app.tester.settled();

    expect(app.written).toEqual([
      {
        args: [
          'ok',
          when,
          new Map([[1, new Set([2n])]]),
          undefined,
          Buffer.from('b'),
        ],
        attempt: 1,
        key: 'k1',
      },
    ]);
    expect(app.story()).toEqual([
      'mail scheduled',
      'mail enqueued',
      'mail started',
      'mail succeeded',
    ]);
    expect(app.tasks.stats).toMatchObject({ enqueued: 1, succeeded: 1 });
    expect(new Set(app.events.map(({ task }) => task.id)).size).toBe(1);
  });

  it('of one phase of a request are stored by one call, and a 2xx means stored', async () => {
    const engine = new StoringEngine();
    const stored = deferred();
    engine.answer = () => stored.promise;
    let answered = false;
    const app = await open((tasks) => {
      tasks.of(Mail).send('now');
      tasks.afterRoute.of(Mail).send(1);
      tasks.afterRoute.of(Mail).send(2);
      tasks.afterRoute.of(Mail).send(3);
      tasks.afterResponse.of(Mail).send(4);
      tasks.afterResponse.of(Mail).send(5);
    }, engine);
    const response = app.post().then((got) => {
      answered = true;
      return got;
    });
    await app.tester.waitFor({ phase: 'afterRoute' });
    expect(answered).toBe(false);
    stored.resolve();
    expect((await response).status).toBe(201);
    await app.tester.settled();

    expect(engine.calls.map((jobs) => jobs.map(({ phase }) => phase))).toEqual([
      // The handler is done before the moment of the first has come.
      ['immediate', 'afterRoute', 'afterRoute', 'afterRoute'],
      ['afterResponse', 'afterResponse'],
    ]);
    expect(await app.tester.scheduled()[0]?.settled()).toMatchObject({
      status: 'enqueued',
      jobId: expect.stringMatching(/^job of /) as unknown,
    });
  });

  it('are tried again by the engine, and their handlers are told once', async () => {
    const told: unknown[] = [];
    @Injectable()
    class Alerts {
      @OnTaskError('mail')
      alert(task: Task, error: Error) {
        told.push([task.name, task.attempt, error.message]);
      }
    }
    const app = await open(
      (tasks) => {
        tasks.of(Mail).send('flaky');
        tasks.task({ name: 'doomed' }).of(Mail).send('fails');
      },
      inProcessEngine(),
      [Alerts],
    );
    await app.post();
    await app.tester.waitFor({ name: 'mail', status: 'succeeded' });
    await app.tester.waitFor({ name: 'doomed', status: 'failed' });
    await app.tester.settled();

    expect(told).toEqual([['doomed', 2, 'refused']]);
    expect(app.story().filter((line) => line.startsWith('mail'))).toEqual([
      'mail scheduled',
      'mail enqueued',
      'mail started',
      'mail retrying',
      'mail enqueued',
      'mail started',
      'mail succeeded',
    ]);
  });

  it.each(['rejects', 'throws', 'does not answer'])(
    'run in this process, under the same id, when the store %s',
    async (how) => {
      const engine = new StoringEngine(undefined, 20);
      engine.answer = () =>
        how === 'does not answer'
          ? new Promise(() => {})
          : Promise.reject(new Error('ECONNREFUSED'));
      if (how === 'throws') {
        engine.enqueue = (jobs) => {
          engine.calls.push([...jobs]);
          throw new Error('ECONNREFUSED');
        };
      }
      const app = await open((tasks) => {
        tasks.afterRoute.of(Mail).send('here');
      }, engine);
      expect((await app.post()).status).toBe(201);
      await app.tester.settled();

      expect(app.written).toMatchObject([{ args: ['here'], attempt: 1 }]);
      expect(app.story()).toEqual([
        'mail scheduled',
        'mail fallback',
        'mail started',
        'mail succeeded',
      ]);
      const [job] = engine.calls.flat();
      expect(app.tester.assertScheduled({ name: 'mail' }).id).toBe(job?.id);
      expect(app.log.messages('warn')).toEqual([
        expect.stringMatching(
          /^Task "mail" \(.*\) could not be stored by storing: .*(ECONNREFUSED|20 ms).*runs in this process/,
        ),
      ]);
    },
  );

  it('that run in this process keep the async context of their own call', async () => {
    const engine = new StoringEngine();
    engine.answer = () => Promise.reject(new Error('ECONNREFUSED'));
    const app = await open((tasks) => {
      for (const name of ['Ann', 'Bob']) {
        caller.run(name, () => tasks.afterRoute.of(Mail).send('hello'));
      }
    }, engine);
    expect((await app.post()).status).toBe(201);
    await app.tester.settled();

    expect(app.app.get(Ledger).callers).toEqual(['Ann', 'Bob']);
  });

  it('are taken back when they are cancelled while they are stored', async () => {
    const engine = new StoringEngine();
    const asked = deferred();
    const stored = deferred();
    engine.answer = () => {
      asked.resolve();
      return stored.promise;
    };
    let task: Task | undefined;
    const app = await open((tasks) => {
      task = tasks.of(Mail).send('unwanted');
    }, engine);
    await app.post();
    await asked.promise;
    expect(task?.cancel()).toBe(true);
    stored.resolve();
    await app.tester.settled();
    await new Promise(setImmediate);
    expect(engine.cancelled).toEqual([`job of ${task?.id}`]);
  });

  it('leave the job of another call alone when they share its key and are cancelled', async () => {
    const engine = new StoringEngine();
    const asked = deferred();
    const stored = deferred();
    engine.answer = () => {
      asked.resolve();
      return stored.promise;
    };
    let task: Task | undefined;
    const app = await open((tasks) => {
      // The engine says that another job has the key.
      task = tasks.task({ key: 'same' }).of(Mail).send('unwanted');
    }, engine);
    await app.post();
    await asked.promise;
    expect(task?.cancel()).toBe(true);
    stored.resolve();
    await app.tester.settled();
    await new Promise(setImmediate);
    expect(engine.cancelled).toEqual([]);
  });

  it('leave a job with a key alone when they are cancelled, as another call may rely on it', async () => {
    class OwnIds extends StoringEngine {
      override async enqueue(jobs: readonly TaskJob[]) {
        await super.enqueue(jobs);
        return jobs.map(({ id }) => id);
      }
    }
    const engine = new OwnIds();
    const asked = deferred();
    const stored = deferred();
    engine.answer = () => {
      asked.resolve();
      return stored.promise;
    };
    let task: Task | undefined;
    const app = await open((tasks) => {
      task = tasks.task({ key: 'same' }).of(Mail).send('unwanted');
    }, engine);
    await app.post();
    await asked.promise;
    task?.cancel();
    stored.resolve();
    await app.tester.settled();
    await new Promise(setImmediate);
    expect(engine.cancelled).toEqual([]);
  });

  it('do not run twice when the engine throws while it takes another one back', async () => {
    class ThrowingEngine extends StoringEngine {
      override cancel(): never {
        throw new Error('not connected');
      }
    }
    const engine = new ThrowingEngine();
    const asked = deferred();
    const stored = deferred();
    engine.answer = () => {
      asked.resolve();
      return stored.promise;
    };
    let first: Task | undefined;
    const app = await open((tasks) => {
      first = tasks.of(Mail).send('unwanted');
      tasks.of(Mail).send('wanted');
    }, engine);
    await app.post();
    await asked.promise;
    first?.cancel();
    stored.resolve();
    await app.tester.settled();
    await new Promise(setImmediate);

    expect(app.written).toEqual([]);
    expect(app.tasks.stats).toMatchObject({ enqueued: 1, cancelled: 1 });
    expect(app.log.messages('error')).toEqual([
      expect.stringMatching(
        /could not be removed from the store: not connected$/,
      ),
    ]);
  });

  it('run in the async context of no request', async () => {
    const app = await open((tasks) => {
      for (const name of ['Ann', 'Bob']) {
        caller.run(name, () => tasks.afterRoute.of(Mail).send('hello'));
      }
    });
    await caller.run('Eve', () => app.post());
    while (app.written.length < 2) await new Promise(setImmediate);
    await app.tester.settled();

    expect(app.app.get(Ledger).callers).toEqual([undefined, undefined]);
  });

  it.each([
    ['in a worker', () => inProcessEngine()],
    [
      'in this process',
      () => {
        const engine = new StoringEngine();
        engine.answer = () => Promise.reject(new Error('ECONNREFUSED'));
        return engine;
      },
    ],
  ])(
    'get what their schema makes of their arguments, %s',
    async (_where, engine) => {
      const seen: unknown[] = [];
      @Injectable()
      class Trimmed {
        @Task('trimmed', {
          durable: true,
          schema: z.tuple([z.string().trim(), z.coerce.number()]),
        })
        run(...args: unknown[]) {
          seen.push(args);
        }
      }
      const app = await open(
        (tasks) => tasks.afterRoute.of(Trimmed).run('  Ann ', '5'),
        engine(),
        [Trimmed],
      );
      await app.post();
      await app.tester.waitFor({ name: 'trimmed', status: 'succeeded' });

      expect(seen).toEqual([['Ann', 5]]);
    },
  );

  it('with a transaction are handed over in the very call, and never run here instead', async () => {
    const order: string[] = [];
    const engine = new StoringEngine();
    engine.answer = () => Promise.reject(new Error('rolled back'));
    const app = await open((tasks) => {
      const transaction = () => void order.push('stored');
      tasks.task({ transaction }).of(Mail).send('in a transaction');
      order.push('scheduled');
    }, engine);
    await app.post();
    await app.tester.settled();

    expect(order).toEqual(['stored', 'scheduled']);
    expect(app.written).toEqual([]);
    app.tester.assertScheduled({ status: 'failed' });
  });

  it('are refused at the call where they cannot travel', async () => {
    class Money {}
    const errors: unknown[] = [];
    const attempt = (fn: () => unknown) => {
      try {
        fn();
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        errors.push(`${code} ${message}`);
      }
    };
    const app = await open((tasks) => {
      attempt(() => tasks.task({ durable: true }).schedule(() => {}));
      attempt(() => tasks.of(Mail).send(1, { user: { notify: () => {} } }));
      attempt(() => tasks.of(Mail).send([new Money()]));
      attempt(() => tasks.of(Mail).send('x'.repeat(300_000)));
      attempt(() =>
        tasks
          .task({ onError: () => {} })
          .of(Mail)
          .send(),
      );
      attempt(() => tasks.task({ key: 'k' }).schedule(() => {}));
      attempt(() => tasks.afterRoute.task({ transaction: {} }));
    });
    await app.post();

    expect(errors).toEqual([
      expect.stringMatching(/^TASK_NOT_DECLARED .*cannot be durable/),
      expect.stringMatching(/^TASK_INVALID_ARGUMENT .*args\[1\]\.user\.notify/),
      expect.stringMatching(/^TASK_INVALID_ARGUMENT .*args\[0\]\[0\]/),
      expect.stringMatching(/^TASK_INVALID_ARGUMENT .*262144/),
      expect.stringMatching(/^TASK_INVALID_OPTION `onError` .*"mail"/),
      expect.stringMatching(/^TASK_INVALID_OPTION `key` is for durable tasks/),
      expect.stringMatching(
        /^TASK_INVALID_OPTION `transaction` is for immediate/,
      ),
    ]);
    expect(app.events).toEqual([]);
  });

  it('have their arguments checked by their schema, before they are stored and before they run', async () => {
    const engine = new StoringEngine();
    @Injectable()
    class Checked {
      @Task('checked', { durable: true, schema: z.tuple([z.email()]) })
      send(_email: string) {
        throw new Error('must not run');
      }
    }
    let thrown: unknown;
    const app = await open(
      (tasks) => {
        try {
          tasks.of(Checked).send('nobody');
        } catch (error) {
          thrown = error;
        }
        tasks.of(Checked).send('a@example.com');
      },
      engine,
      [Checked],
    );
    await app.post();
    await app.tester.settled();
    expect(thrown).toMatchObject({
      code: 'TASK_INVALID_ARGUMENT',
      message: expect.stringContaining('args[0]: ') as unknown,
    });
    const [job] = engine.calls.flat();
    if (!job || !engine.host) throw new Error('nothing was stored');
    const args = engine.codec.encode(['nobody'], 'checked');
    expect(await engine.host.run({ ...job, args }, 1)).toMatchObject({
      status: 'unknown',
      error: { code: 'TASK_REFUSED' },
    });
  });

  it('that this worker does not know, or that are newer than it, are put back, with one warning for each name', async () => {
    const engine = new StoringEngine();
    const app = await open((tasks) => void tasks.of(Mail).send(1), engine);
    await app.post();
    await app.tester.settled();
    const [job] = engine.calls.flat();
    if (!job || !engine.host) throw new Error('nothing was stored');

    const outcomes = [
      await engine.host.run({ ...job, task: 'gone' }, 1),
      await engine.host.run({ ...job, task: 'gone' }, 1),
      await engine.host.run({ ...job, version: 99 }, 1),
      await engine.host.run({ ...job, version: 99 }, 1),
    ];
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array(4).fill('unknown'),
    );
    expect(app.log.messages('error')).toEqual([]);
    expect(app.log.messages('warn')).toEqual([
      expect.stringMatching(/no task named "gone" is declared here/),
      expect.stringMatching(/it was written by a newer version/),
    ]);
    expect(app.written).toEqual([]);
  });

  it('run on request-scoped providers of their own', async () => {
    let instances = 0;
    const seen: number[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      readonly number = (instances += 1);

      @Task('scoped', { durable: true })
      work() {
        seen.push(this.number);
      }
    }
    const app = await open(
      (tasks) => {
        tasks.of(Scoped).work();
        tasks.of(Scoped).work();
      },
      inProcessEngine(),
      [Scoped],
    );
    await app.post();
    await app.tester.waitFor({ status: 'succeeded' });
    while (seen.length < 2) await new Promise(setImmediate);
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  it('may end at a shutdown, shielded or not', async () => {
    const gate = deferred();
    const begun: string[] = [];
    @Injectable()
    class Slow {
      @Task('slow', { durable: true })
      async work(name: string) {
        begun.push(name);
        await gate.promise;
      }
    }
    const engine = new StoringEngine();
    const app = await open(() => {}, engine, [Slow]);
    const job = (name: string, shield: boolean): TaskJob => ({
      version: 1,
      id: name,
      task: 'slow',
      args: engine.codec.encode([name], 'slow'),
      phase: 'immediate',
      options: { shield },
    });
    if (!engine.host) throw new Error('not started');
    const plain = engine.host.run(job('plain', false), 1);
    const shielded = engine.host.run(job('shielded', true), 1);
    while (begun.length < 2) await new Promise(setImmediate);
    const closed = app.app.close();
    gate.resolve();
    expect(await plain).toEqual({ status: 'done' });
    expect(await shielded).toEqual({ status: 'done' });
    await closed;
    expect(await engine.host.run(job('late', true), 1)).toEqual({
      status: 'returned',
    });
  });
});

describe('an application', () => {
  const [platform] = platforms;

  it('without an engine does not start with durable tasks', async () => {
    if (!platform) throw new Error('no platform');
    await expect(
      createApp(platform, { providers: [Mail, Ledger] }),
    ).rejects.toMatchObject({
      code: 'TASK_ENGINE_MISSING',
      message: expect.stringContaining('mail') as unknown,
    });
  });

  it('is refused an engine that is none', () => {
    expect(() => TasksModule.forRoot({ engine: {} as DurableEngine })).toThrow(
      expect.objectContaining({ code: 'TASK_INVALID_OPTION' }),
    );
  });

  it('has what is around a call travel with its task', async () => {
    if (!platform) throw new Error('no platform');
    const restored: unknown[] = [];
    let traceId = 'trace-1';
    const { app, tasks } = await createApp(platform, {
      providers: [Mail, Ledger],
      tasks: {
        engine: inProcessEngine(),
        propagation: {
          capture: () => ({ traceId }),
          restore: (context, fn) => {
            restored.push(context);
            return fn();
          },
        },
      },
    });
    const tester = TasksTester.for(app);
    tasks.of(Mail).send('traced');
    await tester.waitFor({ status: 'succeeded' });
    traceId = 'another';
    await tester.settled();
    while (app.get(Ledger).written.length === 0)
      await new Promise(setImmediate);
    expect(restored).toEqual([{ traceId: 'trace-1' }]);
  });

  it.each(['capture', 'restore'])(
    'runs a task although the %s() of its propagation throws',
    async (broken) => {
      if (!platform) throw new Error('no platform');
      const fail = () => {
        throw new Error('no tracer');
      };
      const { app, tasks, log } = await createApp(platform, {
        providers: [Mail, Ledger],
        tasks: {
          engine: inProcessEngine(),
          propagation: {
            capture: broken === 'capture' ? fail : () => ({ traceId: '1' }),
            restore: broken === 'restore' ? fail : (_context, fn) => fn(),
          },
        },
      });
      const tester = TasksTester.for(app);
      tasks.of(Mail).send('first');
      tasks.of(Mail).send('second');
      while (app.get(Ledger).written.length < 2) {
        await tester.settled();
        await new Promise(setImmediate);
      }

      expect(app.get(Ledger).written).toMatchObject([
        { args: ['first'] },
        { args: ['second'] },
      ]);
      expect(log.messages('error')).toEqual(
        Array(2).fill(expect.stringContaining(`${broken}()`)),
      );
    },
  );
});
