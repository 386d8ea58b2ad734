import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  Module,
  type INestApplicationContext,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { AppTasks, Tasks, TasksModule, TasksService } from 'nestjs-tasks';
import { deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import { RecordingLogger } from '../../support/recording-logger.js';

let order: string[] = [];
const note = (what: string) => void order.push(what);
const opened: INestApplicationContext[] = [];

beforeEach(() => {
  order = [];
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((context) => context.close()));
});

/** An application without a server, as in scripts and workers. */
async function openContext(metadata: ModuleMetadata) {
  const imports = [...(metadata.imports ?? []), TasksModule.forRoot()];

  @Module({ ...metadata, imports })
  class ScriptModule {}

  const log = new RecordingLogger();
  const context = await NestFactory.createApplicationContext(ScriptModule, {
    logger: log,
    abortOnError: false,
  });
  opened.push(context);
  return { context, log, tasks: context.get(AppTasks) };
}

/** Stands for a connection that is closed when its module is destroyed. */
@Injectable()
class Connection implements OnModuleDestroy {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
  }
}

describe('AppTasks without a transport', () => {
  it('gives a cron job a scope for each of its runs', async () => {
    @Injectable()
    class Nightly {
      #runs = 0;

      constructor(private readonly tasks: AppTasks) {}

      @Cron('0 3 * * *', { name: 'nightly' })
      run() {
        const name = `run ${(this.#runs += 1)}`;
        return this.tasks.runInScope(async (tasks) => {
          tasks.afterResponse.schedule(() => note(`${name}: after response`));
          tasks.afterRoute.schedule(async () => {
            await turn();
            note(`${name}: after route`);
          });
          tasks.schedule(() => note(`${name}: immediate`));
          await turn();
          note(`${name}: done`);
        });
      }
    }
    const { context, tasks } = await openContext({
      imports: [ScheduleModule.forRoot()],
      providers: [Nightly],
    });
    const job = context.get(SchedulerRegistry).getCronJob('nightly');

    for (const _run of [1, 2]) {
      await job.fireOnTick();
      await tasks.idle();
    }

    expect(order).toEqual(
      ['run 1', 'run 2'].flatMap((name) => [
        `${name}: immediate`,
        `${name}: done`,
        `${name}: after route`,
        `${name}: after response`,
      ]),
    );
    expect(tasks.stats).toMatchObject({ succeeded: 6, scheduled: 0 });
  });

  it('judges the run of a cron job by its error, which does not reach the process', async () => {
    @Injectable()
    class Nightly {
      constructor(private readonly tasks: AppTasks) {}

      @Cron('0 3 * * *', { name: 'nightly' })
      run() {
        return this.tasks.runInScope((tasks) => {
          for (const runOn of ['success', 'failure'] as const) {
            tasks.afterResponse.task({ runOn }).schedule(note, runOn);
          }
          throw new Error('nothing to report');
        });
      }
    }
    const { context, tasks } = await openContext({
      imports: [ScheduleModule.forRoot()],
      providers: [Nightly],
    });

    await context.get(SchedulerRegistry).getCronJob('nightly').fireOnTick();
    await tasks.idle();

    expect(order).toEqual(['failure']);
  });

  it('works in bootstrap hooks, and does not delay the bootstrap', async () => {
    const gate = deferred();
    @Injectable()
    class Warmer implements OnModuleInit, OnApplicationBootstrap {
      constructor(private readonly tasks: AppTasks) {}

      onModuleInit() {
        this.tasks.task({ name: 'warm' }).schedule(async () => {
          await gate.promise;
          note('warmed');
        });
      }

      async onApplicationBootstrap() {
        await this.tasks.runInScope((tasks) => {
          tasks.afterRoute.schedule(() => note('prepared'));
        });
        note('bootstrapped');
      }
    }
    const { tasks } = await openContext({ providers: [Warmer] });

    expect(order).toEqual(['prepared', 'bootstrapped']);
    expect(tasks.stats).toMatchObject({ running: 1, succeeded: 1 });
    gate.resolve();
    await tasks.idle();
    expect(order.at(-1)).toBe('warmed');
  });

  it('is idle when tasks, their tasks and error handlers are done, and counts how they ended', async () => {
    const gate = deferred();
    const { tasks } = await openContext({});
    tasks.schedule(() => {
      tasks.schedule(note, 'child');
    });
    tasks
      .task({
        onError: async () => {
          await gate.promise;
          note('told');
        },
      })
      .schedule(() => {
        throw new Error('broken');
      });
    const cancelled = tasks.schedule(note, 'never');
    cancelled.cancel();
    const followed = tasks.waitUntil(gate.promise);

    const idle = tasks.idle().then(() => note('idle'));
    await turn();
    expect(order).toEqual(['child']);
    expect(tasks.stats).toMatchObject({ running: 1, failed: 1, cancelled: 1 });
    gate.resolve();
    await idle;

    expect(order).toEqual(['child', 'told', 'idle']);
    expect(followed.status).toBe('succeeded');
    expect(tasks.stats).toEqual({
      scheduled: 0,
      running: 0,
      succeeded: 3,
      failed: 1,
      cancelled: 1,
      skipped: 0,
      dropped: 0,
    });
  });

  it('keeps scopes apart, even nested ones', async () => {
    const { tasks } = await openContext({});
    await tasks.runInScope(async (outer) => {
      outer.afterRoute.schedule(note, 'outer after route');
      await tasks.runInScope((inner) => {
        inner.afterRoute.schedule(note, 'inner after route');
        inner.afterResponse.schedule(note, 'inner after response');
      });
      await tasks.schedule(() => {}).settled();
      note('outer done');
    });
    await tasks.idle();

    expect(order).toEqual([
      'inner after route',
      'inner after response',
      'outer done',
      'outer after route',
    ]);
  });

  it.each([
    ['a shielded task', true, ['work: true'], { succeeded: 1, dropped: 0 }],
    ['no other task', false, [], { succeeded: 0, dropped: 1 }],
  ])(
    'carries %s through the close() that ends a script',
    async (_what, shield, done, stats) => {
      const gate = deferred();
      /** A command as nest-commander runs it. */
      @Injectable()
      class ReportCommand {
        constructor(
          private readonly tasks: AppTasks,
          private readonly connection: Connection,
        ) {}

        run(): Promise<string> {
          return this.tasks.runInScope((tasks) => {
            tasks.afterResponse.task({ shield }).schedule(async () => {
              await gate.promise;
              note(`work: ${this.connection.isOpen}`);
            });
            return 'report';
          });
        }
      }
      const { context, tasks } = await openContext({
        providers: [ReportCommand, Connection],
      });

      expect(await context.get(ReportCommand).run()).toBe('report');
      await turn();
      const closed = context.close();
      await turn();
      // Without a shield nothing waits for the task, and the work hangs for good.
      if (shield) gate.resolve();
      await closed;

      expect(order).toEqual(done);
      expect(tasks.stats).toMatchObject({ ...stats, running: 0, scheduled: 0 });
    },
  );

  it('is what TasksService suggests where there is no request', async () => {
    const { context } = await openContext({});
    const service = await context.resolve(TasksService);

    expect(() => service.afterResponse.schedule(note, 'never')).toThrow(
      expect.objectContaining({
        code: 'TASK_SCOPE_MISSING',
        message: expect.stringContaining('Inject AppTasks'),
      }),
    );
  });

  it('is what @Tasks() suggests in handlers of an unknown kind', async () => {
    @Injectable()
    class BotHandlers {
      handle(@Tasks() tasks: Tasks) {
        tasks.schedule(note, 'never');
      }
    }
    const { context } = await openContext({ providers: [BotHandlers] });
    const handlers = context.get(BotHandlers);
    const call = context
      .get(ExternalContextCreator)
      .create(
        handlers,
        handlers.handle as (...args: unknown[]) => unknown,
        'handle',
        '__routeArguments__',
        { exchangeKeyForValue: () => undefined },
        undefined,
        undefined,
        undefined,
        'bot',
      );

    await expect(call('message')).rejects.toMatchObject({
      code: 'TASK_SCOPE_MISSING',
      message: expect.stringContaining('got "bot". Inject AppTasks'),
    });
  });

  it('waits with idle() in a script for tasks that are not shielded', async () => {
    const { context, tasks } = await openContext({});
    tasks.schedule(async () => {
      await turn();
      note('done');
    });
    await tasks.idle();
    await context.close();

    expect(order).toEqual(['done']);
  });
});
