import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Observable, of } from 'rxjs';
import { TaskRuntime } from '../../lib/core/app/task-runtime.js';
import { systemClock } from '../../lib/core/base/clock.js';
import { TaskScopeMissingError } from '../../lib/core/base/errors.js';
import { STARTS_PER_TURN } from '../../lib/core/running/slots.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { Tasks } from '../../lib/core/scheduling/tasks.js';
import type { TaskPhase } from '../../lib/core/task/task-phase.js';
import {
  createRuntime,
  endWell,
  openUnitOfWork,
  RecordingLog,
} from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const phases: TaskPhase[] = ['immediate', 'afterRoute', 'afterResponse'];
const schedulerOf = (tasks: Tasks, phase: TaskPhase) =>
  phase === 'immediate' ? tasks : tasks[phase];

describe('currentTask()', () => {
  it('is the task, at any depth of awaits', async () => {
    const { tasks } = createRuntime();
    const seen: unknown[] = [];
    const deep = async () => {
      seen.push(currentTask());
      await turn();
      seen.push(currentTask());
    };
    const task = tasks.schedule(async () => {
      seen.push(currentTask());
      await Promise.resolve();
      await deep();
    });

    await task.settled();

    expect(seen).toEqual([task, task, task]);
  });

  it('is a different task in each of many that run at once', async () => {
    const { tasks, runtime } = createRuntime();
    const ids: string[] = [];
    const check = async (n: number) => {
      await turn();
      expect(currentTask().args).toEqual([n]);
      ids.push(currentTask().id);
    };
    for (let n = 0; n < 20; n++) tasks.schedule(check, n);

    await runtime.idle();

    expect(runtime.stats.succeeded).toBe(20);
    expect(new Set(ids).size).toBe(20);
  });

  it('is the inner task inside a task that another task scheduled', async () => {
    const { tasks, runtime } = createRuntime();
    const names: string[] = [];
    tasks.task({ name: 'outer' }).schedule(async () => {
      const inner = tasks
        .task({ name: 'inner' })
        .schedule(() => void names.push(currentTask().name));
      await inner.settled();
      names.push(currentTask().name);
    });

    await runtime.idle();

    expect(names).toEqual(['inner', 'outer']);
  });

  it('is the failed task in its error handlers', async () => {
    const seen: unknown[] = [];
    class Reporter {
      async handle() {
        await turn();
        seen.push(currentTask());
      }
    }
    const { tasks, runtime } = createRuntime({
      onError: [() => void seen.push(currentTask()), Reporter],
    });
    const task = tasks.schedule(() => Promise.reject(new Error('no')));

    await runtime.idle();

    expect(seen).toEqual([task, task]);
  });

  it('is the task in lazy results that work when they are subscribed to or awaited', async () => {
    const { tasks, runtime } = createRuntime();
    const seen: unknown[] = [];
    const lazy = [
      () =>
        new Observable((subscriber) => {
          seen.push(currentTask());
          subscriber.complete();
        }),
      () => ({
        then(done: () => void) {
          seen.push(currentTask());
          done();
        },
      }),
      async () =>
        new Observable((subscriber) => {
          seen.push(currentTask());
          subscriber.complete();
        }),
    ];

    const made = lazy.map((fn: () => unknown) => tasks.schedule(fn));
    await runtime.idle();

    expect(made.map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    expect(new Set(seen)).toEqual(new Set(made));
  });

  it('is over for what fires the timer of a retry, as fake timers do in their own context', async () => {
    let fire = () => {};
    const runtime = new TaskRuntime({
      settings: {},
      log: new RecordingLog(),
      resolveReporter: (Reporter) => new Reporter(),
      clock: {
        ...systemClock,
        after(_delayMs, callback) {
          fire = callback;
          return () => {};
        },
      },
    });
    const { tasks } = openUnitOfWork(runtime);
    const task = tasks
      .task({ retries: 1, backoff: () => 5 })
      .schedule(() => Promise.reject(new Error('no')));
    await turn();

    fire();

    expect(task.attempt).toBe(2);
    expect(currentTask).toThrow(TaskScopeMissingError);
    await runtime.idle();
  });

  it('throws outside a task, and suggests a fix', async () => {
    expect(currentTask).toThrow(TaskScopeMissingError);
    expect(currentTask).toThrow(
      'currentTask() was called outside a task. Call it in a function that was passed to schedule(), ' +
        'or in what that function calls.',
    );
    const { tasks } = createRuntime();
    const task = tasks.schedule(() => of(1));
    await task.settled();
    expect(currentTask).toThrow(
      expect.objectContaining({ code: 'TASK_SCOPE_MISSING' }),
    );
  });
});

describe('the async context of schedule()', () => {
  const storage = new AsyncLocalStorage<string>();
  const store = () => storage.getStore();

  it.each(phases)(
    'is available in the task, its retries and handlers: %s',
    async (phase) => {
      const seen: unknown[] = [];
      const app = createRuntime({
        onError: async () => {
          seen.push(store());
          await turn();
          seen.push(store());
        },
      });
      storage.run('request', () =>
        schedulerOf(app.tasks, phase)
          .task({ retries: 2, backoff: () => 5 })
          .schedule(async () => {
            seen.push(store());
            await turn();
            seen.push(store());
            throw new Error('no');
          }),
      );

      storage.run('elsewhere', () => endWell(app));
      for (let n = 0; n < 5; n++) {
        await storage.run('elsewhere', () => app.clock.advance(5));
      }
      await app.runtime.idle();

      expect(seen).toEqual(Array.from({ length: 8 }, () => 'request'));
    },
  );

  it('is kept separately for each of many tasks that are released together', async () => {
    const app = createRuntime();
    const seen: unknown[] = [];
    for (const id of ['a', 'b', 'c']) {
      storage.run(id, () => {
        app.tasks.afterResponse.schedule(() => void seen.push(store()));
      });
    }
    app.tasks.afterResponse.schedule(() => void seen.push(store()));

    storage.run('elsewhere', () => endWell(app));
    await turn();

    expect(seen).toEqual(['a', 'b', 'c', undefined]);
  });

  it('is available after waiting for a slot that another context released', async () => {
    const { tasks, runtime } = createRuntime({ concurrency: 1 });
    const seen: unknown[] = [];
    const work = deferred();
    storage.run('first', () => tasks.schedule(() => work.promise));
    for (const id of ['second', 'third']) {
      storage.run(id, () => {
        tasks.schedule(() => void seen.push([id, store()]));
      });
    }
    await turn();

    storage.run('elsewhere', () => work.resolve());
    await runtime.idle();

    expect(seen).toEqual([
      ['second', 'second'],
      ['third', 'third'],
    ]);
  });

  it('is available in tasks whose start was postponed to a later turn', async () => {
    const { tasks, runtime } = createRuntime();
    const seen: unknown[] = [];
    const total = 3 * STARTS_PER_TURN;
    for (let n = 0; n < total; n++) {
      storage.run(String(n), () => {
        tasks.schedule(() => void seen.push(store()));
      });
    }

    await runtime.idle();

    expect(seen).toEqual(Array.from({ length: total }, (_, n) => String(n)));
  });

  it('is available in the error handlers of a timeout', async () => {
    const seen: unknown[] = [];
    const { tasks, clock } = createRuntime({
      onError: () => void seen.push(store()),
    });
    storage.run('request', () =>
      tasks.task({ timeout: 5 }).schedule(() => new Promise(() => {})),
    );

    await storage.run('elsewhere', () => clock.advance(5));

    expect(seen).toEqual(['request']);
  });

  it('is available in the error handlers of a task that the full backlog dropped', async () => {
    const seen: unknown[] = [];
    const app = createRuntime({
      concurrency: 1,
      maxPending: 0,
      onError: () => void seen.push(store()),
    });
    app.tasks.schedule(() => new Promise(() => {}));
    storage.run('request', () => app.tasks.afterResponse.schedule(() => {}));

    storage.run('elsewhere', () => endWell(app));
    await turn();

    expect(seen).toEqual(['request']);
  });

  it('is available when an error handler runs the task again', async () => {
    const seen: unknown[] = [];
    const { tasks, runtime } = createRuntime({
      onError: (task) => task.run().catch(() => {}),
    });
    storage.run('request', () =>
      tasks.schedule(() => {
        seen.push(store());
        throw new Error('no');
      }),
    );

    await runtime.idle();

    expect(seen).toEqual(['request', 'request']);
  });
});
