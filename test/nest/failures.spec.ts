import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  TaskError,
  Tasks,
  type Task,
  type TaskErrorReporter,
  type TaskEvent,
} from 'nestjs-tasks';
import { of, throwError } from 'rxjs';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;

/** Every way in which a function can fail, and its error. */
const failures: Record<string, { cause: unknown; fail: () => unknown }> = {
  'throws an Error': { cause: undefined, fail: () => thrown(new Error('no')) },
  'rejects with an Error': {
    cause: undefined,
    fail: () => Promise.reject(new Error('no')),
  },
  'throws a string': { cause: 'no', fail: () => thrown('no') },
  'rejects with a string': { cause: 'no', fail: () => rejected('no') },
  'rejects with undefined': {
    cause: undefined,
    fail: () => rejected(undefined),
  },
  'rejects with null': { cause: null, fail: () => rejected(null) },
  'errors as an Observable': {
    cause: undefined,
    fail: () => throwError(() => new Error('no')),
  },
};

function thrown(what: unknown): never {
  throw what;
}

async function rejected(what: unknown): Promise<never> {
  throw what;
}

describe.each(platforms)('a failing task over $name', (platform) => {
  describe.each(PHASES)('in phase %s', (phase) => {
    it.each(Object.keys(failures))(
      'that %s is contained, logged once, and reported as an Error',
      async (kind) => {
        const { fail, cause } = failures[kind]!;
        const told: { task: Task; error: Error }[] = [];
        const others: string[] = [];
        @Controller()
        class FailingController {
          @Get()
          handle(@Tasks() tasks: Tasks) {
            const scheduler = phase === 'immediate' ? tasks : tasks[phase];
            scheduler.schedule(() => void others.push('before'));
            scheduler
              .task({
                name: 'fails',
                onError: (task, error) => void told.push({ task, error }),
              })
              .schedule(fail);
            scheduler.schedule(() => void others.push('after'));
            return 'value';
          }
        }
        const { request, tester, log } = await createApp(platform, {
          controllers: [FailingController],
        });

        const response = await request('/');
        expect(await response.text()).toBe('value');
        await tester.settled();

        expect(others).toEqual(['before', 'after']);
        expect(told).toHaveLength(1);
        expect(told[0]?.error).toBeInstanceOf(Error);
        expect(told[0]?.error.cause).toBe(cause);
        expect(told[0]?.task).toMatchObject({ name: 'fails', attempt: 1 });
        expect(log.messages('error')).toEqual([
          expect.stringMatching(
            /^Task "fails" \([-0-9a-f]{36}\) failed on attempt 1, \d+ ms after its start: .*no/,
          ),
        ]);
      },
    );
  });

  it.each(['throws', 'rejects', 'never settles'])(
    'is contained when its error handler %s, with both errors logged',
    async (kind) => {
      const told: string[] = [];
      const handlers: Record<string, () => unknown> = {
        throws: () => thrown(new Error('handler')),
        rejects: () => rejected(new Error('handler')),
        'never settles': () => new Promise(() => {}),
      };
      @Controller()
      class HandlerController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const misbehaves = handlers[kind] as () => unknown;
          tasks
            .task({
              name: 'fails',
              onError: [misbehaves, () => void told.push('second handler')],
            })
            .schedule(() => thrown(new Error('task')));
          return 'value';
        }
      }
      const { request, log } = await createApp(platform, {
        controllers: [HandlerController],
        tasks: { shutdown: { gracePeriod: 0, abortPeriod: 0 } },
      });

      expect(await (await request('/')).text()).toBe('value');

      expect(told).toEqual(['second handler']);
      const [failed, handlerFailed] = log.messages('error');
      expect(failed).toContain('task');
      if (kind === 'never settles') expect(handlerFailed).toBeUndefined();
      else expect(handlerFailed).toMatch(/"handler".*"task"/);
    },
  );

  it('does not affect its siblings: the others of three succeed', async () => {
    const settled: string[] = [];
    @Controller()
    class ThreeController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        for (const number of [1, 2, 3]) {
          const task = tasks.afterResponse.schedule(async () => {
            if (number === 2) throw new Error('second');
          });
          void task
            .settled()
            .then(({ status }) => settled.push(`${number} ${status}`));
        }
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [ThreeController],
    });

    await request('/');
    await tester.settled();

    expect(settled.sort()).toEqual(['1 succeeded', '2 failed', '3 succeeded']);
  });

  it('is reported to its own handlers instead of those of the module, and to observers in either case', async () => {
    const told: string[] = [];
    const observed: string[] = [];
    @Controller()
    class OwnController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks
          .task({ name: 'own', onError: () => void told.push('own') })
          .schedule(() => thrown(new Error('1')));
        tasks.task({ name: 'none' }).schedule(() => thrown(new Error('2')));
        tasks
          .task({ name: 'silent', onError: [] })
          .schedule(() => thrown(new Error('3')));
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [OwnController],
      tasks: {
        onError: (task) => void told.push(`module: ${task.name}`),
        observers: [
          (event: TaskEvent) => {
            if (event.type === 'failed') observed.push(event.task.name);
          },
        ],
      },
    });

    await request('/');
    await tester.settled();

    expect(told).toEqual(['own', 'module: none']);
    expect(observed).toEqual(['own', 'none', 'silent']);
  });

  it('is reported to functions and injectable classes in the order of the list', async () => {
    const told: string[] = [];
    @Injectable()
    class Channel {
      send = (what: string) => void told.push(what);
    }
    @Injectable()
    class ProvidedReporter implements TaskErrorReporter {
      constructor(private readonly channel: Channel) {}
      handle(task: Task, error: Error) {
        this.channel.send(`provided: ${task.name} ${error.message}`);
      }
    }
    @Injectable()
    class BareReporter implements TaskErrorReporter {
      handle(task: Task) {
        told.push(`bare: ${task.name}`);
      }
    }
    @Module({ providers: [Channel, ProvidedReporter] })
    class ReportingModule {}
    @Controller()
    class ListController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.task({ name: 'fails' }).schedule(() => thrown(new Error('no')));
      }
    }
    const { request, tester } = await createApp(platform, {
      imports: [ReportingModule],
      controllers: [ListController],
      tasks: {
        onError: [
          (task) => void told.push(`function: ${task.name}`),
          ProvidedReporter,
          BareReporter,
        ],
      },
    });

    await request('/');
    await tester.settled();

    expect(told.sort()).toEqual([
      'bare: fails',
      'function: fails',
      'provided: fails no',
    ]);
  });

  it('never logs its arguments', async () => {
    @Controller()
    class SecretController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const charge = (_card: string) => thrown(new Error('declined'));
        tasks.schedule(charge, '4111-1111');
      }
    }
    const { request, tester, log } = await createApp(platform, {
      controllers: [SecretController],
    });

    await request('/');
    await tester.settled();

    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain('4111');
    expect(log.lines[0]?.stack).toContain('declined');
  });

  it('can be run once more by its handler', async () => {
    const results: unknown[] = [];
    @Controller()
    class AgainController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        let calls = 0;
        tasks
          .task({
            onError: async (task) => void results.push(await task.run()),
          })
          .schedule((base: number) => {
            calls += 1;
            if (calls === 1) throw new Error('first');
            return of(base + calls);
          }, 40);
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [AgainController],
    });

    await request('/');
    await tester.settled();

    expect(results).toEqual([42]);
  });

  it('refuses misuse where it occurs, with a stable code and a fix', async () => {
    const caught: unknown[] = [];
    @Controller()
    class MisuseController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const anything = tasks as never as Record<string, CallableFunction>;
        const attempts = [
          () => anything['schedule']?.(Promise.resolve()),
          () => anything['task']?.({ retry: 3 }),
          () => anything['task']?.({ timeout: '10 parsecs' }),
          () => anything['task']?.({ retries: Number.NaN }),
          () => anything['task']?.({ retries: -1 }),
          () => tasks.task({ required: true }),
          () => anything['waitUntil']?.(() => {}),
        ];
        for (const attempt of attempts) {
          try {
            attempt();
            caught.push('nothing');
          } catch (error) {
            caught.push((error as TaskError).code);
          }
        }
      }
    }
    const { request, tasks } = await createApp(platform, {
      controllers: [MisuseController],
    });

    await request('/');

    expect(caught).toEqual(Array(7).fill('TASK_INVALID_OPTION'));
    expect(tasks.stats.scheduled + tasks.stats.succeeded).toBe(0);
  });
});
