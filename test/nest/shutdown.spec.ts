import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Global,
  Injectable,
  Module,
  Param,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AppTasks,
  currentTask,
  Tasks,
  TasksModule,
  type Task,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

/** Stands for a connection that is closed when its module is destroyed. */
@Injectable()
class Connection implements OnModuleDestroy {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
  }
}

@Module({ providers: [Connection], exports: [Connection] })
class FeatureConnectionModule {}

@Global()
@Module({ providers: [Connection], exports: [Connection] })
class GlobalConnectionModule {}

describe.each(platforms)('the shutdown over $name', (platform) => {
  it.each<[string, { imports?: Type[]; providers?: Type[] }]>([
    ['a feature module', { imports: [FeatureConnectionModule] }],
    ['a global module', { imports: [GlobalConnectionModule] }],
    ['the root module', { providers: [Connection] }],
  ])(
    'completes a shielded task before %s is destroyed',
    async (_where, metadata) => {
      const gate = deferred();
      const started = deferred();
      const seen: boolean[] = [];
      @Controller()
      class PaymentController {
        constructor(private readonly connection: Connection) {}

        @Get()
        handle(@Tasks() tasks: Tasks) {
          tasks.afterResponse.task({ shield: true }).schedule(async () => {
            started.resolve();
            await gate.promise;
            seen.push(this.connection.isOpen);
          });
        }
      }
      const { request, app, tasks } = await createApp(platform, {
        ...metadata,
        controllers: [PaymentController],
      });

      await request('/');
      await started.promise;
      const closed = app.close();
      await turn();
      gate.resolve();
      await closed;

      expect(seen).toEqual([true]);
      expect(tasks.stats).toMatchObject({ succeeded: 1, dropped: 0 });
    },
  );

  it('drops queued unshielded tasks at once, signals running ones, and names what it dropped', async () => {
    const gate = deferred();
    const entered = deferred();
    const signalled: unknown[] = [];
    const outcomes: Promise<unknown>[] = [];
    @Controller()
    class BusyController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        const queued = tasks.afterResponse
          .task({ name: 'queued' })
          .schedule(() => {});
        const running = tasks
          .task({ name: 'running' })
          .schedule(async (): Promise<never> => {
            const { signal } = currentTask();
            entered.resolve();
            await new Promise((resolve) => {
              signal.addEventListener('abort', resolve);
            });
            signalled.push(signal.reason);
            throw new Error('aborted');
          });
        outcomes.push(queued.settled(), running.settled());
        await gate.promise;
      }
    }
    const { request, app, log } = await createApp(platform, {
      controllers: [BusyController],
    });

    const response = request('/').catch(() => undefined);
    await entered.promise;
    const closed = app.close();
    expect(await Promise.all(outcomes)).toMatchObject([
      { status: 'dropped', reason: { code: 'TASK_DROPPED' } },
      { status: 'dropped', reason: { code: 'TASK_DROPPED' } },
    ]);
    gate.resolve();
    await Promise.all([closed, response]);

    expect(signalled).toMatchObject([{ code: 'TASK_DROPPED' }]);
    expect(log.messages('warn').join('\n')).toMatch(/queued[^]*running/);
    expect(log.messages('error')).toEqual([]);
  });

  it('lets requests in flight schedule shielded tasks, and drains what they scheduled', async () => {
    const gate = deferred();
    const entered = deferred();
    const ran: string[] = [];
    const late: Task[] = [];
    @Controller()
    class InFlightController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        entered.resolve();
        await gate.promise;
        const { afterResponse } = tasks;
        const note = (what: string) => void ran.push(what);
        late.push(
          afterResponse.task({ shield: true }).schedule(note, 'shielded'),
          afterResponse.schedule(note, 'unshielded'),
        );
        return 'answered';
      }
    }
    const { request, app } = await createApp(platform, {
      controllers: [InFlightController],
    });

    const response = request('/');
    await entered.promise;
    const closed = app.close();
    await turn();
    gate.resolve();
    expect(await (await response).text()).toBe('answered');
    await closed;

    expect(ran).toEqual(['shielded']);
    expect(late.map(({ status }) => status)).toEqual(['succeeded', 'dropped']);
  });

  it('gives up on shielded tasks after the grace and the abort period, by name', async () => {
    const started = deferred();
    let task: Task | undefined;
    @Controller()
    class StuckController {
      @Get(':what')
      handle(@Param('what') name: string, @Tasks() tasks: Tasks) {
        task = tasks.task({ name, shield: true }).schedule(() => {
          started.resolve();
          return new Promise(() => {});
        });
      }
    }
    const { request, app, log } = await createApp(platform, {
      controllers: [StuckController],
      tasks: { shutdown: { gracePeriod: 20, abortPeriod: 10 } },
    });

    await request('/stuck');
    await started.promise;
    await app.close();

    expect(task?.signal.aborted).toBe(true);
    expect(await task?.settled()).toMatchObject({
      status: 'dropped',
      reason: { code: 'TASK_DROPPED' },
    });
    expect(log.messages('warn')).toEqual([expect.stringMatching(/: stuck$/)]);
  });

  it('does not deadlock when a shielded task closes the application', async () => {
    const closed = deferred();
    @Controller()
    class SuicidalController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.task({ shield: true }).schedule(async () => {
          await app.close();
          closed.resolve();
        });
      }
    }
    const { request, app, tasks, tester } = await createApp(platform, {
      controllers: [SuicidalController],
    });

    await request('/');
    await closed.promise;
    await tester.settled();

    expect(tasks.stats).toMatchObject({ succeeded: 1, dropped: 0 });
  });

  it('settles tasks that are scheduled after it as dropped', async () => {
    const { app, tasks, log } = await createApp(platform, {});

    await app.close();
    await app.close();
    const task = tasks.task({ name: 'late', shield: true }).schedule(() => 1);

    expect(await task.settled()).toMatchObject({ status: 'dropped' });
    expect(log.messages('warn')).toEqual([expect.stringContaining('"late"')]);
  });
});

describe.each(platforms)('a shielded task over $name', (platform) => {
  @Controller()
  class ShieldedController {
    @Get()
    handle(@Tasks() tasks: Tasks) {
      tasks.task({ shield: true }).schedule(() => {});
      tasks.afterRoute.task({ shield: true }).schedule(() => {});
    }
  }

  it('warns once when no shutdown hooks are enabled, and suggests what to call', async () => {
    const { request, log } = await createApp(platform, {
      controllers: [ShieldedController],
      shutdownHooks: false,
    });

    await request('/');
    await request('/');

    expect(log.messages('warn')).toEqual([
      expect.stringContaining('app.enableShutdownHooks()'),
    ]);
  });

  it('does not warn when they are enabled', async () => {
    const { request, log } = await createApp(platform, {
      controllers: [ShieldedController],
    });

    await request('/');

    expect(log.lines).toEqual([]);
  });
});

describe('the shutdown of an application without HTTP', () => {
  it('drains the tasks of AppTasks', async () => {
    const gate = deferred();
    @Module({ imports: [TasksModule.forRoot(), FeatureConnectionModule] })
    class WorkerModule {}
    const app = await NestFactory.createApplicationContext(WorkerModule, {
      logger: false,
    });
    const connection = app.get(Connection);
    const task = app
      .get(AppTasks)
      .task({ shield: true })
      .schedule(() => gate.promise.then(() => connection.isOpen));
    await task.started();

    const closed = app.close();
    await turn();
    gate.resolve();
    await closed;

    expect(await task.settled()).toEqual({ status: 'succeeded', value: true });
    expect(connection.isOpen).toBe(false);
  });
});
