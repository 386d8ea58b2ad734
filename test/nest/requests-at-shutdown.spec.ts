import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  type CanActivate,
  type BeforeApplicationShutdown,
  type INestApplication,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Tasks, TasksService, type Task } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { isNest12 } from './transports/nest-version.js';

afterEach(closeApps);

describe.each(platforms)('a request at shutdown over $name', (platform) => {
  it.each([
    { when: 'running', slots: 2 },
    { when: 'waiting for a slot', slots: 1 },
  ])(
    'is carried with the after-route tasks that its response waits for: one that is $when',
    async ({ slots }) => {
      const gate = deferred();
      const scheduled = deferred();
      const unshielded: Task[] = [];
      @Controller()
      class TestController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          tasks
            .task({ name: 'deaf' })
            .schedule(() => new Promise<void>(() => {}));
          tasks.afterRoute.task({ required: true }).schedule(async () => {
            scheduled.resolve();
            await gate.promise;
          });
          tasks.afterRoute.schedule(scheduled.resolve);
          unshielded.push(tasks.afterResponse.schedule(() => {}));
          void turn().then(scheduled.resolve);
          return 'done';
        }
      }
      const { request, app, tasks } = await createApp(platform, {
        controllers: [TestController],
        tasks: { concurrency: slots },
      });

      const response = request('/');
      await scheduled.promise;
      const closed = app.close();
      await turn();
      gate.resolve();

      expect((await response).status).toBe(200);
      await closed;
      expect(tasks.stats).toMatchObject({ succeeded: 2, dropped: 2 });
      expect(unshielded[0]?.status).toBe('dropped');
    },
  );

  it('is carried when its handler has not ended, whatever it schedules then for its response', async () => {
    const gate = deferred();
    const entered = deferred();
    @Controller()
    class TestController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.task({ required: true }).schedule(turn);
        entered.resolve();
        await gate.promise;
        tasks.afterRoute
          .task({ required: true, retries: 1, backoff: () => 1 })
          .schedule(async function flaky() {
            await turn();
            if (!isTried) throw new Error((isTried = 'tried'));
          });
        return 'done';
      }
    }
    let isTried = '';
    const { request, app, tasks } = await createApp(platform, {
      controllers: [TestController],
    });

    const response = request('/');
    await entered.promise;
    const closed = app.close();
    await turn();
    gate.resolve();

    expect((await response).status).toBe(200);
    await closed;
    expect(tasks.stats).toMatchObject({ succeeded: 2, dropped: 0 });
  });

  it('is carried with the tasks that a guard has scheduled for its response', async () => {
    const gate = deferred();
    const entered = deferred();
    @Injectable()
    class SchedulingGuard implements CanActivate {
      constructor(private readonly tasks: TasksService) {}

      canActivate() {
        this.tasks.afterRoute.task({ required: true }).schedule(turn);
        return true;
      }
    }
    @Controller()
    class TestController {
      @Get()
      @UseGuards(SchedulingGuard)
      async handle(@Tasks() _tasks: Tasks) {
        entered.resolve();
        await gate.promise;
        return 'done';
      }
    }
    const { request, app, tasks } = await createApp(platform, {
      controllers: [TestController],
    });

    const response = request('/');
    await entered.promise;
    const closed = app.close();
    await turn();
    gate.resolve();

    expect((await response).status).toBe(200);
    await closed;
    expect(tasks.stats).toMatchObject({ succeeded: 1, dropped: 0 });
  });

  it('has an unshielded task dropped once its response has stopped waiting for it', async () => {
    const running = deferred();
    let late: Task | undefined;
    @Controller()
    class TestController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        late = tasks.afterRoute.schedule(() => {
          running.resolve();
          return new Promise<void>(() => {});
        });
        return 'done';
      }
    }
    const { request, app } = await createApp(platform, {
      controllers: [TestController],
      tasks: { afterRoute: { timeout: 20 }, shutdown: { gracePeriod: '1h' } },
    });

    const response = request('/');
    await running.promise;
    const closed = app.close();

    expect((await response).status).toBe(200);
    await closed;
    expect(late?.status).toBe('dropped');
  });

  it.each([{ gracePeriod: 0 }, { gracePeriod: '10s' }] as const)(
    'is answered for as long as the server serves on, with a grace period of $gracePeriod',
    async (shutdown) => {
      const served = deferred();
      const serves = deferred();
      // As Terminus does it with `gracefulShutdownTimeoutMs`.
      @Injectable()
      class ServesOn implements BeforeApplicationShutdown {
        async beforeApplicationShutdown() {
          serves.resolve();
          await served.promise;
        }
      }
      @Controller()
      class TestController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          tasks.afterRoute.task({ required: true }).schedule(turn);
          return 'done';
        }
      }
      const { request, app, tasks } = await createApp(platform, {
        controllers: [TestController],
        providers: [ServesOn],
        tasks: { shutdown },
      });
      const stuck = tasks
        .task({ shield: true })
        .schedule(() => (shutdown.gracePeriod === 0 ? forEver() : undefined));

      const closed = app.close();
      await serves.promise;
      const statuses = [];
      for (let count = 0; count < 3; count += 1) {
        statuses.push((await request('/')).status);
      }
      served.resolve();
      await closed;

      expect(statuses).toEqual([200, 200, 200]);
      expect(tasks.stats.succeeded).toBeGreaterThanOrEqual(3);
      expect(stuck.status).not.toBe('running');
    },
  );

  it('is answered although a task that its response waits for waits for a shutdown that has begun before', async () => {
    const entered = deferred();
    const gate = deferred();
    const drained = deferred();
    @Injectable()
    class Closing implements BeforeApplicationShutdown {
      beforeApplicationShutdown = () => drained.resolve();
    }
    @Controller()
    class TestController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        entered.resolve();
        await gate.promise;
        tasks.afterRoute.task({ required: true }).schedule(() => app.close());
        return 'done';
      }
    }
    const { request, app } = await createApp(platform, {
      controllers: [TestController],
      providers: [Closing],
      tasks: { shutdown: { gracePeriod: 20, abortPeriod: 20 } },
    });

    const response = request('/');
    await entered.promise;
    const closed = app.close();
    await drained.promise;
    gate.resolve();

    // NestJS 11 begins another shutdown, so that it is known that the task waits for it.
    expect((await response).status).toBe(isNest12 ? 500 : 200);
    await closed;
  });

  it('is drained although the hooks of other modules throw', async () => {
    const gate = deferred();
    const started = deferred();
    @Injectable()
    class Throwing implements OnModuleDestroy {
      #isFirst = true;
      onModuleDestroy() {
        // NestJS 11 calls it again when the test closes the application.
        if (!this.#isFirst) return;
        this.#isFirst = false;
        throw new Error('cannot be destroyed');
      }
    }
    const { app, tasks } = await createApp(platform, {
      providers: [Throwing],
    });
    const task = tasks.task({ shield: true }).schedule(async () => {
      started.resolve();
      await gate.promise;
    });
    await started.promise;

    const closed = app.close().catch(() => {});
    await turn();
    gate.resolve();
    await closed;

    expect(task.status).toBe('succeeded');
    const late = tasks.task({ shield: true }).schedule(() => {});
    expect(late.status).toBe('dropped');
  });
});

describe.each(platforms)('app.close() over $name', (platform) => {
  const PHASES = ['immediate', 'afterRoute', 'afterResponse'] as const;
  const cases = PHASES.flatMap((phase) =>
    [
      {},
      { shield: true },
      ...(phase === 'afterRoute' ? [{ required: true }] : []),
    ].flatMap((options) =>
      ['task', 'error handler'].map((by) => ({ phase, by, options })),
    ),
  );

  it.each(cases)(
    'does not wait for the $by of phase $phase that calls it, with $options',
    async ({ phase, by, options }) => {
      const closed = deferred();
      const close = async () => {
        await app.close();
        closed.resolve();
      };
      @Controller()
      class TestController {
        @Get()
        handle(@Tasks() tasks: Tasks) {
          const scheduler = phase === 'immediate' ? tasks : tasks[phase];
          if (by === 'task') {
            scheduler.task(options).schedule(close);
          } else {
            scheduler.task({ ...options, onError: close }).schedule(() => {
              throw new Error('failed');
            });
          }
          return 'done';
        }
      }
      const test = await createApp(platform, {
        controllers: [TestController],
        // Far longer than the test may take.
        tasks: {
          shutdown: { gracePeriod: '1h' },
          afterRoute: { timeout: '1h' },
        },
      });
      const app: INestApplication = test.app;

      const response = await test.request('/');
      await closed.promise;

      const isFailure = by !== 'task' && 'required' in options;
      expect(response.status).toBe(isFailure ? 500 : 200);
    },
  );
});

function forEver(): Promise<void> {
  return new Promise(() => {});
}
