import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { currentTask, Tasks, type Task, type TaskOptions } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const escaped: unknown[] = [];
const escape = (error: unknown) => void escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on('unhandledRejection', escape);
  process.on('uncaughtException', escape);
});

afterEach(() => {
  process.off('unhandledRejection', escape);
  process.off('uncaughtException', escape);
  expect(escaped).toEqual([]);
});

/** An option that is valid when it is read first, and throws or is nonsense later. */
function changing(key: string, first: unknown, later: () => unknown): object {
  let isRead = false;
  return Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      if (isRead) return later();
      isRead = true;
      return first;
    },
  });
}

const nonsense = () => Symbol('nonsense');
const throws = () => {
  throw new Error('read twice');
};

const signalThat = (broken: object): AbortSignal =>
  Object.defineProperties(
    { aborted: false, addEventListener() {}, removeEventListener() {} },
    Object.getOwnPropertyDescriptors(broken),
  ) as never;

const firstAnswers: readonly (readonly [key: string, value: unknown])[] = [
  ['name', 'a'],
  ['timeout', '1s'],
  ['retries', 1],
  ['runOn', 'always'],
  ['shield', false],
  ['onError', []],
  ['backoff', { type: 'fixed', delay: 1 }],
];

const hostileOptions: Record<string, () => object> = {
  ...Object.fromEntries(
    firstAnswers.flatMap(([key, first]) => [
      [`${key} that changes`, () => changing(key, first, nonsense)],
      [`${key} that throws later`, () => changing(key, first, throws)],
    ]),
  ),
  'delay of a backoff that changes': () => ({
    retries: 1,
    backoff: Object.assign(changing('delay', 1, nonsense), { type: 'fixed' }),
  }),
  'signal that cannot be listened to': () => ({
    signal: signalThat({ addEventListener: throws }),
  }),
  'signal that throws later': () => ({
    signal: signalThat(changing('aborted', false, throws)),
  }),
  'signal that cannot be left': () => ({
    signal: signalThat({ removeEventListener: throws }),
  }),
  'retryIf that throws': () => ({ retries: 1, retryIf: throws }),
};

describe.each(platforms)('hostile values over $name', (platform) => {
  it.each(Object.entries(hostileOptions))(
    'in options concern one call alone: %s',
    async (_what, make) => {
      const ended: string[] = [];
      @Controller()
      class TestController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          for (const phase of ['afterRoute', 'afterResponse'] as const) {
            try {
              tasks[phase].task(make() as TaskOptions).schedule(() => {
                throw new Error('fails');
              });
            } catch {
              // Refused where it was made.
            }
            tasks[phase].schedule(() => void ended.push(phase));
          }
          return 'done';
        }
      }
      const { request, tester } = await createApp(platform, {
        controllers: [TestController],
        tasks: { concurrency: 1 },
      });

      for (let count = 0; count < 2; count += 1) {
        expect((await request('/')).status).toBe(200);
      }
      await tester.settled();

      expect(ended.sort()).toEqual([
        'afterResponse',
        'afterResponse',
        'afterRoute',
        'afterRoute',
      ]);
    },
  );

  it.each([
    ['concurrency', changing('concurrency', 1, nonsense)],
    ['shutdown', { shutdown: changing('gracePeriod', 10, nonsense) }],
    ['defaults', { defaults: changing('timeout', 10, throws) }],
  ])(
    'in the options of the module are read once: %s',
    async (_what, options) => {
      const { tasks } = await createApp(platform, {
        tasks: options,
      });

      const task = tasks.schedule(() => 'done');

      expect(await task.settled()).toMatchObject({ value: 'done' });
    },
  );

  it.each(['then', 'subscribe'])(
    'that a handler returns do not keep its tasks: a `%s` that throws',
    async (key) => {
      let task: Task | undefined;
      @Controller()
      class TestController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          task = tasks.afterResponse
            .task({ runOn: 'always' })
            .schedule(() => 1);
          return Object.defineProperty({ lift() {} }, key, { get: throws });
        }
      }
      const { request } = await createApp(platform, {
        controllers: [TestController],
      });

      await request('/');

      expect(await task?.settled()).toMatchObject({ status: 'succeeded' });
    },
  );

  it.each(['retryIf', 'backoff'])(
    'do not matter to currentTask() in %s: the function may throw at once',
    async (policy) => {
      const { tasks } = await createApp(platform, {});
      let attempts = 0;
      const policies = {
        retryIf: () => currentTask().attempt < 3,
        backoff: () => currentTask().attempt,
      };
      const task = tasks
        .task({
          retries: policy === 'retryIf' ? 5 : 2,
          backoff: () => 0,
          [policy]: policies[policy as 'retryIf'],
        })
        .schedule(() => {
          attempts += 1;
          throw new Error('fails');
        });

      await task.settled();

      expect(attempts).toBe(3);
    },
  );

  it('that a platform’s `waitUntil` rejects with are logged', async () => {
    const { tasks, log, tester } = await createApp(platform, {
      tasks: {
        // oxlint-disable-next-line typescript/no-misused-promises
        waitUntil: async () => {
          await Promise.resolve();
          throw new Error('no longer');
        },
      },
    });

    tasks.schedule(() => {});
    await tester.settled();
    await new Promise((resolve) => setImmediate(resolve));

    expect(log.messages('error')).toEqual([
      expect.stringContaining('no longer'),
    ]);
  });
});
