import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { isReporterClass } from '../../lib/core/app/error-handlers.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { Task } from '../../lib/core/task/task.js';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const error = new Error('declined');
const fails = () => {
  throw error;
};

describe('error handlers', () => {
  it('are called with the task and its error, once', async () => {
    const told: unknown[] = [];
    const { tasks, runtime } = createRuntime({
      onError: (...args) => void told.push(args),
    });

    const task = tasks.schedule(fails);
    await runtime.idle();

    expect(told).toEqual([[task, error]]);
  });

  it('of the task replace those of the application', async () => {
    const told: string[] = [];
    const { tasks, runtime, events } = createRuntime({
      onError: (task) => void told.push(`application: ${task.name}`),
    });

    tasks
      .task({
        name: 'own',
        onError: (task) => void told.push(`own: ${task.name}`),
      })
      .schedule(fails);
    tasks.task({ name: 'none' }).schedule(fails);
    await runtime.idle();

    expect(told).toEqual(['own: own', 'application: none']);
    expect(events.filter(({ type }) => type === 'failed')).toHaveLength(2);
  });

  it('are switched off by an empty list', async () => {
    const told: unknown[] = [];
    const { tasks, runtime } = createRuntime({
      onError: (task) => void told.push(task),
    });

    tasks.task({ onError: [] }).schedule(fails);
    await runtime.idle();

    expect(told).toEqual([]);
  });

  it('of the defaults take precedence over those of the application', async () => {
    const told: string[] = [];
    const { tasks, runtime } = createRuntime({
      onError: () => void told.push('application'),
      defaults: { onError: () => void told.push('defaults') },
    });

    tasks.schedule(fails);
    await runtime.idle();

    expect(told).toEqual(['defaults']);
  });

  it('may be a list, whose members are all called in order, whatever one of them does', async () => {
    const told: string[] = [];
    class Reporter {
      handle() {
        told.push('reporter');
        throw new Error('reporter is broken');
      }
    }
    const { tasks, runtime, log } = createRuntime({
      onError: [
        () => {
          told.push('first');
          throw new Error('first is broken');
        },
        Reporter,
        async () => {
          told.push('third');
          throw new Error('third is broken');
        },
        () => void told.push('last'),
      ],
    });

    tasks.schedule(fails);
    await runtime.idle();

    expect(told).toEqual(['first', 'reporter', 'third', 'last']);
    expect(log.errors).toHaveLength(4);
  });

  it('that fail are logged with both errors', async () => {
    const broken = new Error('mail server is down');
    const { tasks, runtime, log } = createRuntime({
      onError: function alertTeam() {
        throw broken;
      },
    });

    const task = tasks.task({ name: 'charge' }).schedule(fails);
    await runtime.idle();

    expect(log.lines[1]).toEqual({
      level: 'error',
      message: `The error handler "alertTeam" of task "charge" (${task.id}) failed with "mail server is down" while handling "declined".`,
      error: broken,
    });
  });

  it('may return an Observable, which is subscribed to', async () => {
    const seen: string[] = [];
    const { tasks, runtime, log } = createRuntime({
      onError: [
        () => of(1, 2),
        () => throwError(() => new Error('stream is broken')),
        () => ({
          lift: () => {},
          subscribe: (observer: { complete(): void }) => {
            seen.push(currentTask().name);
            observer.complete();
            return { unsubscribe: () => {} };
          },
        }),
      ],
    });

    tasks.task({ name: 'charge' }).schedule(fails);
    await runtime.idle();

    expect(seen).toEqual(['charge']);
    expect(log.errors[1]).toContain('"stream is broken"');
    expect(log.errors).toHaveLength(2);
  });

  it('are awaited by idle()', async () => {
    const slow = deferred();
    const { tasks, runtime } = createRuntime({ onError: () => slow.promise });
    const task = tasks.schedule(fails);
    let idle = false;
    void runtime.idle().then(() => (idle = true));

    await turn();
    expect(task.status).toBe('failed');
    expect(idle).toBe(false);
    slow.resolve();
    await turn();

    expect(idle).toBe(true);
  });

  it('are not called for cancellations, skips and successes', async () => {
    const told: unknown[] = [];
    const app = createRuntime({ onError: (task) => void told.push(task) });
    app.tasks.schedule(() => {});
    app.tasks.afterRoute.schedule(fails).cancel();
    app.tasks.afterRoute.task({ runOn: 'failure' }).schedule(fails);

    void app.scope.routeEnded({ failed: false, threw: false });
    await app.runtime.idle();

    expect(told).toEqual([]);
  });

  it('see the attempt, the signal and the outcome of the task', async () => {
    const seen: unknown[] = [];
    const { tasks, clock } = createRuntime({
      onError: async (task) => {
        seen.push(task.status, task.attempt, task.signal.aborted);
        seen.push(await task.settled());
      },
    });

    tasks
      .task({ timeout: 5, retries: 1, backoff: () => 0 })
      .schedule(() => new Promise(() => {}));
    await clock.advance(10);

    expect(seen).toEqual([
      'failed',
      2,
      true,
      expect.objectContaining({ status: 'failed' }),
    ]);
  });
});

describe('a class of error reporters', () => {
  class AlertReporter {
    constructor(readonly told: unknown[] = []) {}
    handle(task: Task, cause: Error) {
      this.told.push([task, cause]);
    }
  }

  it('is distinguished from a function by its handle method', () => {
    class Derived extends AlertReporter {}
    function plain() {}

    expect(isReporterClass(AlertReporter)).toBe(true);
    expect(isReporterClass(Derived)).toBe(true);
    expect(isReporterClass(plain)).toBe(false);
    expect(isReporterClass(() => {})).toBe(false);
    expect(isReporterClass(plain.bind(null))).toBe(false);
  });

  it.each([
    ['at once', <T>(reporter: T) => reporter],
    ['in a promise', async <T>(reporter: T) => reporter],
  ])('is resolved %s, for every failure', async (_, give) => {
    const reporter = new AlertReporter();
    const asked: unknown[] = [];
    const { tasks, runtime } = createRuntime(
      { onError: AlertReporter },
      {
        resolveReporter: (type) => {
          asked.push(type);
          return give(reporter);
        },
      },
    );

    const first = tasks.schedule(fails);
    const second = tasks.schedule(fails);
    await runtime.idle();

    expect(asked).toEqual([AlertReporter, AlertReporter]);
    expect(reporter.told).toEqual([
      [first, error],
      [second, error],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such provider');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no such provider'))],
  ])('that cannot be resolved (%s) is logged', async (_, resolveReporter) => {
    const { tasks, runtime, log } = createRuntime(
      { onError: AlertReporter },
      { resolveReporter },
    );

    tasks.task({ name: 'charge' }).schedule(fails);
    await runtime.idle();

    expect(log.errors[1]).toMatch(
      /^The error handler "AlertReporter" of task "charge" \(.+\) failed with "no such provider" while handling "declined"\.$/,
    );
  });

  it.each(['throws', 'rejects'])('whose handle %s is logged', async (way) => {
    const { tasks, runtime, log } = createRuntime(
      { onError: AlertReporter },
      {
        resolveReporter: () => ({
          handle() {
            if (way === 'rejects') return Promise.reject(new Error('down'));
            throw new Error('down');
          },
        }),
      },
    );

    tasks.schedule(fails);
    await runtime.idle();

    expect(log.errors[1]).toContain('failed with "down"');
  });

  it('whose name is not a string is logged all the same', async () => {
    class Named {
      static override = 1;
      handle() {
        throw new Error('down');
      }
    }
    Object.defineProperty(Named, 'name', { value: Symbol('odd') });
    const { tasks, runtime, log } = createRuntime({ onError: Named });

    tasks.schedule(fails);
    await runtime.idle();

    expect(log.errors[1]).toContain('The error handler "anonymous"');
  });
});

describe('many error handlers', () => {
  it('run at most 100 at once, are spread over the turns, and are all called', async () => {
    let running = 0;
    let most = 0;
    let startedInTurn = 0;
    let mostInTurn = 0;
    let told = 0;
    const app = createRuntime({
      concurrency: 1,
      maxPending: 0,
      async onError() {
        running += 1;
        told += 1;
        most = Math.max(most, running);
        mostInTurn = Math.max(mostInTurn, (startedInTurn += 1));
        await turn();
        await turn();
        running -= 1;
      },
    });
    let isOver = false;
    const countTurns = (): void => {
      startedInTurn = 0;
      if (!isOver) setImmediate(countTurns);
    };
    const slow = deferred();
    app.tasks.schedule(() => slow.promise);
    await turn();
    countTurns();

    for (let count = 0; count < 3_000; count += 1) app.tasks.schedule(() => {});
    while (app.runtime.stats.dropped < 3_000) await turn();
    slow.resolve();
    await app.runtime.idle();
    isOver = true;

    expect(told).toBe(3_000);
    expect(most).toBeLessThanOrEqual(100);
    // A turn of the test may see the starts of two turns of the loop.
    expect(mostInTurn).toBeLessThanOrEqual(100);
  });

  it('keep the async context of their task when they have to wait', async () => {
    const storage = new AsyncLocalStorage<number>();
    const seen: boolean[] = [];
    const { tasks, runtime } = createRuntime({
      onError: async (task) => {
        await turn();
        seen.push(storage.getStore() === task.args[0]);
      },
    });

    for (let count = 0; count < 300; count += 1) {
      storage.run(count, () => tasks.schedule(fails as never, count as never));
    }
    await runtime.idle();

    expect(seen).toHaveLength(300);
    expect(seen).not.toContain(false);
  });

  it('do not wait for ever for those that hang', async () => {
    let told = 0;
    const { tasks, clock } = createRuntime({
      onError: (task) => {
        told += 1;
        return task.name === 'hangs' ? new Promise(() => {}) : undefined;
      },
    });
    for (let count = 0; count < 100; count += 1) {
      tasks.task({ name: 'hangs' }).schedule(fails);
    }
    for (let turns = 0; turns < 10; turns += 1) await turn();
    tasks.schedule(fails);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(told).toBe(100);

    await clock.advance(30_000);
    for (let turns = 0; turns < 10; turns += 1) await turn();

    expect(told).toBe(101);
  });
});
