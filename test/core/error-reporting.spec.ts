import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { isReporterClass } from '../../lib/core/error-reporting.js';
import { currentTask } from '../../lib/core/task-context.js';
import type { Task } from '../../lib/core/task.js';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const error = new Error('declined');
const fails = () => {
  throw error;
};

describe('error handlers', () => {
  it('are told of the task and its error, once', async () => {
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

  it('may be none, by an empty list', async () => {
    const told: unknown[] = [];
    const { tasks, runtime } = createRuntime({
      onError: (task) => void told.push(task),
    });

    tasks.task({ onError: [] }).schedule(fails);
    await runtime.idle();

    expect(told).toEqual([]);
  });

  it('of the defaults stand before those of the application', async () => {
    const told: string[] = [];
    const { tasks, runtime } = createRuntime({
      onError: () => void told.push('application'),
      defaults: { onError: () => void told.push('defaults') },
    });

    tasks.schedule(fails);
    await runtime.idle();

    expect(told).toEqual(['defaults']);
  });

  it('may be a list: all are told, in order, whatever one of them does', async () => {
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
      message: `The error handler "alertTeam" of task "charge" (${task.id}) failed with "mail server is down" when told of "declined".`,
      error: broken,
    });
  });

  it('may return an Observable, which is listened to', async () => {
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

  it('are waited for by idle()', async () => {
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

  it('are not told of cancellations, skips and successes', async () => {
    const told: unknown[] = [];
    const app = createRuntime({ onError: (task) => void told.push(task) });
    app.tasks.schedule(() => {});
    app.tasks.afterRoute.schedule(fails).cancel();
    app.tasks.afterRoute.task({ runOn: 'failure' }).schedule(fails);

    void app.scope.routeEnded({ failed: false, threw: false });
    await app.runtime.idle();

    expect(told).toEqual([]);
  });

  it('know the attempt, the signal and the outcome of the task', async () => {
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

  it('is told from a function by its handle method', () => {
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
      /^The error handler "AlertReporter" of task "charge" \(.+\) failed with "no such provider" when told of "declined"\.$/,
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

  it('whose name is no string is logged all the same', async () => {
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
