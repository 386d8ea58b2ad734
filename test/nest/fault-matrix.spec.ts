import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger } from '@nestjs/common';
import {
  AppTasks,
  Tasks,
  type TaskEvent,
  type TaskOptions,
  type TasksModuleOptions,
  type TaskStatus,
} from 'nestjs-tasks';
import { Observable } from 'rxjs';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

/** Something that misbehaves: the task's function, or what is asked or told about it. */
interface Fault {
  /** Fails when it is not given. */
  readonly fn?: () => unknown;
  readonly options?: TaskOptions;
  readonly module?: TasksModuleOptions;
  /** What becomes of the task; `failed` when it is not given. */
  readonly status?: TaskStatus;
  /** How many lines are logged at `error`; 1 when it is not given. */
  readonly logged?: number;
}

const boom = (): never => {
  throw new Error('boom');
};

function hostileError(): Error {
  const error = new Error('hostile');
  for (const key of ['message', 'stack', 'cause', 'name']) {
    Object.defineProperty(error, key, { get: boom });
  }
  return error;
}

const told = (react: () => unknown): Fault => ({
  options: { onError: () => react() },
});
const observed = (react: (event: TaskEvent) => unknown): Fault => ({
  fn: () => 'value',
  module: { observers: [(event) => void react(event)] },
  status: 'succeeded',
});

const faults: Record<string, Fault> = {
  'a function that throws': {},
  'a function that rejects': { fn: async () => boom() },
  'a function that throws undefined': {
    fn: () => {
      // oxlint-disable-next-line no-throw-literal
      throw undefined;
    },
  },
  'a function that throws a frozen error': {
    fn: () => {
      throw Object.freeze(new Error('frozen'));
    },
  },
  'a function that throws an error whose properties throw': {
    fn: () => {
      throw hostileError();
    },
  },
  'a function that throws a revoked proxy': {
    fn: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    },
  },
  'a thenable whose then throws': {
    fn: () => ({
      then: boom,
    }),
  },
  'a thenable whose then cannot be read': {
    fn: () => Object.defineProperty({}, 'then', { get: boom }),
  },
  'a thenable that settles twice': {
    fn: () => ({
      then(resolve: () => void, reject: (error: unknown) => void) {
        resolve();
        reject(new Error('too late'));
        boom();
      },
    }),
    status: 'succeeded',
    logged: 0,
  },
  'an Observable that fails when it is subscribed to': {
    fn: () => new Observable(boom),
  },
  'an Observable that fails after its end': {
    fn: () =>
      new Observable((subscriber) => {
        subscriber.complete();
        subscriber.error(new Error('too late'));
      }),
    status: 'succeeded',
    logged: 0,
  },
  'an Observable that fails when it is unsubscribed from': {
    fn: () => new Observable(() => boom),
    options: { timeout: 1 },
    logged: 2,
  },
  'a function that never settles': {
    fn: () => new Promise(() => {}),
    options: { timeout: 1 },
  },
  'a function that rejects after its timeout': {
    fn: () =>
      new Promise((_resolve, reject) => {
        setImmediate(() => setTimeout(reject, 3, new Error('late')));
      }),
    options: { timeout: 1 },
  },
  'an error handler that throws': { ...told(boom), logged: 2 },
  'an error handler that rejects': { ...told(async () => boom()), logged: 2 },
  'an error handler that rejects with null': {
    ...told(() => Promise.reject(null)),
    logged: 2,
  },
  'an error handler that fails as an Observable': {
    ...told(() => new Observable(boom)),
    logged: 2,
  },
  'an error handler whose class cannot be made': {
    options: {
      onError: class {
        constructor() {
          boom();
        }
        handle() {}
      },
    },
    logged: 2,
  },
  'an error handler that cancels the task': {
    options: { onError: (task) => task.cancel() },
  },
  'an error handler that runs the task again': {
    options: { onError: (task) => task.run() },
    logged: 2,
  },
  'an observer that throws': { ...observed(boom), logged: 3 },
  'a retryIf that throws': {
    options: { retries: 3, retryIf: boom },
    logged: 2,
  },
  'a retryIf that returns no boolean': {
    options: { retries: 3, retryIf: (() => undefined) as never },
  },
  'a backoff that throws': {
    options: { retries: 3, backoff: boom },
    logged: 2,
  },
  'a backoff that returns no duration': {
    options: { retries: 3, backoff: () => Number.NaN },
    logged: 2,
  },
  'a backoff that returns a negative duration': {
    options: { retries: 3, backoff: () => -1 },
    logged: 2,
  },
  'a signal that has fired before': {
    options: { signal: AbortSignal.abort() },
    status: 'cancelled',
    logged: 0,
  },
};

describe.each(platforms)('over $name', (platform) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    async function siblingsBeside(
      fault: Fault,
      module: TasksModuleOptions = {},
    ) {
      const siblings: string[] = [];
      let statusOf: (() => TaskStatus) | undefined;
      @Controller()
      class FaultController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          scheduler.schedule(() => void siblings.push('before'));
          const task = scheduler
            .task({ name: 'faulty', ...fault.options })
            .schedule(fault.fn ?? boom);
          statusOf = () => task.status;
          scheduler.schedule(() => void siblings.push('after'));
          return 'value';
        }
      }
      const created = await createApp(platform, {
        controllers: [FaultController],
        tasks: { ...fault.module, ...module },
      });
      const body = await (await created.request('/')).text();
      await created.tasks.idle();
      return { ...created, body, siblings, status: statusOf?.() };
    }

    it.each(Object.keys(faults))(
      '%s touches neither the response nor another task',
      async (kind) => {
        const fault = faults[kind]!;

        const { body, siblings, status, log, tasks } =
          await siblingsBeside(fault);

        expect({ body, siblings, status }).toEqual({
          body: 'value',
          siblings: ['before', 'after'],
          status: fault.status ?? 'failed',
        });
        const { logged = 1 } = fault;
        // An observer is told of the siblings too.
        const factor = fault.module?.observers ? 3 : 1;
        expect(log.messages('error')).toHaveLength(logged * factor);
        expect(tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
      },
    );

    it('an observer that cancels, schedules and fails at every event ends with every task settled', async () => {
      let appTasks: AppTasks | undefined;
      let depth = 0;
      const { body, app, tasks } = await siblingsBeside(
        { options: { retries: 1, backoff: () => 0 } },
        {
          observers: [
            (event) => {
              if (event.type === 'started') event.task.cancel();
              if (depth++ < 20) appTasks?.schedule(boom);
              throw new Error(event.type);
            },
          ],
        },
      );
      appTasks = app.get(AppTasks);
      app.get(AppTasks).schedule(boom);
      await tasks.idle();

      expect(body).toBe('value');
      const { scheduled, running, cancelled, failed } = tasks.stats;
      expect({ scheduled, running, failed }).toEqual({
        scheduled: 0,
        running: 0,
        failed: 0,
      });
      expect(cancelled).toBeGreaterThan(3);
    });

    it('a logger that throws is contained', async () => {
      const ran: string[] = [];
      @Controller()
      class LoggedController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          scheduler
            .task({ onError: () => void ran.push('told') })
            .schedule(boom);
          scheduler.schedule(() => void ran.push('sibling'));
          return 'value';
        }
      }
      const { request, tester } = await createApp(platform, {
        controllers: [LoggedController],
        configure: () => {
          const logger = { log() {}, warn: boom, error: boom, fatal: boom };
          Logger.overrideLogger(logger);
        },
      });

      expect(await (await request('/')).text()).toBe('value');
      await tester.settled();

      expect(ran.sort()).toEqual(['sibling', 'told']);
      Logger.overrideLogger(false);
    });
  });
});
