import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConflictException,
  Controller,
  Get,
  Injectable,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  AppTasks,
  currentTask,
  Tasks,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { SOON_MS } from '../support/soon.js';
import { closeTestedApps, createTestedApp } from './tested-app.js';

const none = { succeeded: 0, failed: 0, skipped: 0, dropped: 0, errors: [] };

describe.each(platforms)('manual mode over $name', (platform) => {
  afterEach(closeTestedApps);

  /** An application with one route and this handler. */
  async function serve(
    handle: (tasks: Tasks) => unknown,
    options?: TasksModuleOptions,
  ) {
    @Controller()
    class TestController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        return handle(tasks);
      }
    }
    const tested = await createTestedApp(platform, {
      mode: 'manual',
      controllers: [TestController],
      ...(options && { tasks: options }),
    });
    return { ...tested, appTasks: tested.app.get(AppTasks) };
  }

  it('runs nothing until it is asked to, and then everything in order', async () => {
    const ran: string[] = [];
    const { send, tester } = await serve((tasks) => {
      tasks.afterResponse.schedule(() => ran.push('after the response'));
      tasks.afterRoute.schedule(() => ran.push('after the route'));
      tasks.schedule(() => ran.push('immediate'));
      return 'answer';
    });

    expect(await send('')).toEqual({ status: 200, body: 'answer' });
    await turn();
    expect(ran).toEqual([]);

    expect(await tester.drain()).toEqual({ ...none, succeeded: 3 });
    expect(ran).toEqual(['immediate', 'after the route', 'after the response']);
    expect(await tester.drain()).toEqual(none);
  });

  it('does not delay a response, not even for a required task', async () => {
    const error = new ConflictException();
    const { send, tester } = await serve((tasks) => {
      tasks.afterRoute
        .task({ name: 'reserve', required: true })
        .schedule(() => {
          throw error;
        });
      tasks.afterResponse.schedule(() => {});
    });

    expect(await send('')).toMatchObject({ status: 200 });
    expect(await tester.drain()).toEqual({
      ...none,
      succeeded: 1,
      failed: 1,
      errors: [error],
    });
  });

  it('skips tasks whose runOn does not match the route', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.afterRoute.schedule(() => {});
      tasks.afterResponse.schedule(() => {});
      tasks.afterResponse.task({ runOn: 'failure' }).schedule(() => {});
      tasks.afterRoute.task({ runOn: 'always' }).schedule(() => {});
      throw new ConflictException();
    });

    expect(await send('')).toMatchObject({ status: 409 });
    expect(await tester.drain()).toEqual({ ...none, succeeded: 2, skipped: 2 });
  });

  it('runs the tasks that tasks schedule, even when they wait for them', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.afterRoute.schedule(async () => {
        await tasks
          .task({ name: 'child' })
          .schedule(() => {})
          .settled();
        tasks.afterResponse.task({ name: 'grandchild' }).schedule(() => {});
      });
    });
    await send('');

    expect(await tester.drain()).toEqual({ ...none, succeeded: 3 });
    tester.assertScheduled({ name: 'grandchild', status: 'succeeded' });
  });

  it('runs the tasks that a task causes through a request of its own', async () => {
    const { appTasks, send, tester } = await serve((tasks) => {
      tasks.afterRoute.schedule(() => {});
      tasks.afterResponse.schedule(() => {});
    });
    appTasks.schedule(() => send(''));

    expect(await tester.drain()).toEqual({ ...none, succeeded: 3 });
  });

  it('retries as the options say', async () => {
    const attempts: number[] = [];
    const { send, tester } = await serve((tasks) => {
      tasks
        .task({ retries: 2, backoff: { type: 'fixed', delay: 1 } })
        .schedule(() => {
          attempts.push(currentTask().attempt);
          if (attempts.length < 3) throw new Error('not yet');
        });
    });
    await send('');

    expect(await tester.drain()).toEqual({ ...none, succeeded: 1 });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('never runs a task that was cancelled while it was held', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.task({ name: 'mail' }).schedule(() => {});
      tasks.task({ name: 'payment' }).schedule(() => {});
      tasks.afterResponse.task({ name: 'mail' }).schedule(() => {});
    });
    await send('');
    const mail = tester.assertScheduled({ name: 'mail' });

    expect(mail.cancel()).toBe(true);
    expect(await tester.drain()).toEqual({ ...none, succeeded: 2 });
    expect(tester.scheduled({ status: 'cancelled' })).toEqual([mail]);
  });

  it('cancels held tasks by name', async () => {
    const { send, tester } = await serve((tasks) => {
      tasks.task({ name: 'mail' }).schedule(() => {});
      tasks.task({ name: 'mail' }).schedule(() => {});
      return turn().then(() => tasks.cancel('mail'));
    });

    expect(await send('')).toMatchObject({ body: '2' });
    await tester.settled();
    expect(await tester.drain()).toEqual(none);
  });

  it('respects the limits of the application', async () => {
    let running = 0;
    let most = 0;
    const { send, tester } = await serve(
      (tasks) => {
        for (let index = 0; index < 5; index += 1) {
          tasks.schedule(async () => {
            most = Math.max(most, (running += 1));
            await turn();
            running -= 1;
          });
        }
      },
      { concurrency: 2, maxPending: 1 },
    );
    await send('');

    expect(await tester.drain()).toEqual({ ...none, succeeded: 3, dropped: 2 });
    expect(most).toBe(2);
  });

  it('runs a task in the async context in which it was scheduled', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { send, tester } = await serve((tasks) => {
      storage.run('request 1', () => {
        tasks.schedule(() => seen.push(storage.getStore()));
        tasks.afterResponse.schedule(() => seen.push(storage.getStore()));
      });
    });
    await send('');
    await storage.run('test', () => tester.drain());

    expect(seen).toEqual(['request 1', 'request 1']);
  });

  it('waits for work that is already running, and for error handlers', async () => {
    const mayEnd = deferred();
    const alerts: string[] = [];
    const { send, tester } = await serve(
      (tasks) => {
        tasks.waitUntil(mayEnd.promise);
        tasks.schedule(() => {
          throw new Error('no');
        });
      },
      {
        async onError(_task, error) {
          mayEnd.resolve();
          await turn();
          alerts.push(error.message);
        },
      },
    );
    await send('');

    expect(await tester.drain()).toMatchObject({ succeeded: 1, failed: 1 });
    expect(alerts).toEqual(['no']);
  });

  it('fails at once when settled() would wait for a held task', async () => {
    const called = deferred();
    const mayEnd = deferred();
    const { send, tester } = await serve(async (tasks) => {
      called.resolve();
      tasks.afterRoute.task({ name: 'stock' }).schedule((_id) => {}, 7);
      await mayEnd.promise;
    });
    const response = send('');
    await called.promise;
    const early = tester.settled();
    mayEnd.resolve();
    const message = [
      'settled() would never resolve, as nothing runs in manual mode until drain(). Call drain(). Held tasks:',
      '  "stock" afterRoute scheduled, attempt 0, args [ 7 ]',
    ].join('\n');

    await expect(early).rejects.toThrow(message);
    await response;
    await expect(tester.settled()).rejects.toThrow(message);
    await tester.drain();
    await tester.settled();
  });

  it('names what delays it, and keeps holding afterwards', async () => {
    const mayEnd = deferred();
    const { app, appTasks } = await serve(() => {});
    const hasty = TasksTester.for(app, { timeout: 1 });
    appTasks.task({ name: 'hangs' }).schedule(() => mayEnd.promise);

    await expect(hasty.drain()).rejects.toThrow(
      '"hangs" immediate running, attempt 1',
    );

    const held = appTasks.schedule(() => {});
    mayEnd.resolve();
    await turn();
    expect(held.status).toBe('scheduled');
    await expect(hasty.waitFor({ status: 'running' })).rejects.toThrow(
      'In manual mode nothing runs until drain().',
    );
    expect(await TasksTester.for(app).drain()).toMatchObject({ succeeded: 1 });
  });

  it('drops and names the held tasks when the application closes', async () => {
    const ran: string[] = [];
    const { app, send, tester, log } = await serve((tasks) => {
      tasks
        .task({ name: 'payment', shield: true })
        .schedule(() => ran.push('payment'));
      tasks.task({ name: 'mail' }).schedule(() => ran.push('mail'));
    });
    await send('');
    const before = performance.now();
    await app.close();

    expect(performance.now() - before).toBeLessThan(SOON_MS);
    expect(ran).toEqual([]);
    expect(tester.scheduled({ status: 'dropped' })).toHaveLength(2);
    const outcome = await tester.assertScheduled({ name: 'payment' }).settled();
    expect(outcome).toMatchObject({
      reason: {
        code: 'TASK_DROPPED',
        message:
          'Task "payment" was dropped: the application was closed while it was held. ' +
          'Call drain() to run it, or simulateShutdown() to see what a shutdown does to it.',
      },
    });
    expect(log.messages('warn')).toEqual([
      'The application is shutting down: 1 task dropped: mail',
      'The application has shut down its tasks: 1 task dropped: payment',
    ]);
  });

  describe('simulateShutdown()', () => {
    @Injectable()
    class Database implements OnModuleDestroy {
      isOpen = true;
      onModuleDestroy() {
        this.isOpen = false;
      }
    }

    it('completes shielded tasks, drops the others, and leaves the application open', async () => {
      const ran: string[] = [];
      @Controller()
      class OrdersController {
        constructor(private readonly database: Database) {}

        @Get()
        order(@Tasks() tasks: Tasks) {
          tasks
            .task({ name: 'payment', shield: true })
            .schedule(() => ran.push(`payment ${this.database.isOpen}`));
          tasks.task({ name: 'mail' }).schedule(() => ran.push('mail'));
          tasks.afterResponse
            .task({ name: 'statistics', shield: true })
            .schedule(() => tasks.schedule(() => ran.push('late')));
        }
      }
      const { send, tester } = await createTestedApp(platform, {
        mode: 'manual',
        controllers: [OrdersController],
        providers: [Database],
      });
      await send('');

      expect(await tester.simulateShutdown()).toEqual({
        ...none,
        succeeded: 2,
        dropped: 2,
      });
      expect(ran).toEqual(['payment true']);

      expect(await send('')).toMatchObject({ status: 200 });
      expect(await tester.drain()).toEqual({ ...none, dropped: 3 });
    });

    it('gives up tasks that are not done within the grace period', async () => {
      const { send, tester } = await serve(
        (tasks) => {
          tasks
            .task({ name: 'payment', shield: true })
            .schedule(() => new Promise(() => {}));
        },
        { shutdown: { gracePeriod: 1, abortPeriod: 1 } },
      );
      await send('');

      expect(await tester.simulateShutdown()).toEqual({ ...none, dropped: 1 });
    });
  });
});
