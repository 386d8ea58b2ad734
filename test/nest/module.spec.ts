import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AppTasks,
  Tasks,
  TasksModule,
  TasksService,
  type Task,
  type TaskErrorReporter,
  type TasksModuleAsyncOptions,
  type TasksModuleOptions,
  type TasksOptionsFactory,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

const compile = (metadata: ModuleMetadata) =>
  Test.createTestingModule(metadata).compile();

@Controller()
class FailingController {
  @Get()
  handle(@Tasks() tasks: Tasks) {
    tasks.task({ name: 'fails' }).schedule(() => {
      throw new Error('no');
    });
  }
}

describe.each(platforms)('TasksModule over $name', (platform) => {
  const told: string[] = [];
  const options = (): TasksModuleOptions => ({
    onError: (task: Task) => void told.push(task.name),
  });
  @Injectable()
  class OptionsService implements TasksOptionsFactory {
    createTasksOptions() {
      return Promise.resolve(options());
    }
  }
  @Module({ providers: [OptionsService], exports: [OptionsService] })
  class OptionsModule {}

  const ways: Record<string, TasksModuleAsyncOptions> = {
    useFactory: {
      imports: [OptionsModule],
      inject: [OptionsService],
      useFactory: async (service: OptionsService) =>
        service.createTasksOptions(),
    },
    useClass: { useClass: OptionsService },
    useExisting: { imports: [OptionsModule], useExisting: OptionsService },
  };

  it.each(Object.keys(ways))('takes options made with %s', async (way) => {
    told.length = 0;
    const { request, app } = await createApp(platform, {
      imports: [TasksModule.forRootAsync(ways[way] ?? {})],
      controllers: [FailingController],
      tasks: false,
    });

    await request('/');
    await app.get(AppTasks).idle();

    expect(told).toEqual(['fails']);
  });

  it('fails the bootstrap with the error of the options factory', async () => {
    const error = new Error('no options today');

    await expect(
      createApp(platform, {
        imports: [
          TasksModule.forRootAsync({ useFactory: () => Promise.reject(error) }),
        ],
        tasks: false,
      }),
    ).rejects.toBe(error);
  });

  it('fails the bootstrap where @Tasks() is used without it', async () => {
    await expect(
      createApp(platform, { controllers: [FailingController], tasks: false }),
    ).rejects.toMatchObject({
      code: 'TASKS_MODULE_MISSING',
      message: expect.stringContaining('TasksModule.forRoot()'),
    });
  });

  it('fails the bootstrap without it of a class that an application with it has used', async () => {
    @Controller()
    class SharedController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => {});
      }
    }
    const controllers = [SharedController];
    const { request } = await createApp(platform, { controllers });
    expect((await request('/')).status).toBe(200);

    await expect(
      createApp(platform, { controllers, tasks: false }),
    ).rejects.toMatchObject({ code: 'TASKS_MODULE_MISSING' });
  });

  it('drains once per request when it is imported twice with equal options', async () => {
    const onError = () => {};
    const twice = () =>
      TasksModule.forRoot({ onError, shutdown: { gracePeriod: '5s' } });
    let runs = 0;
    @Controller()
    class OnceController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterRoute.schedule(() => void (runs += 1));
      }
    }
    @Module({ imports: [twice()], controllers: [OnceController] })
    class FeatureModule {}
    const { request, app } = await createApp(platform, {
      imports: [twice(), FeatureModule],
      tasks: false,
    });

    await request('/');
    await app.get(AppTasks).idle();

    expect(runs).toBe(1);
    expect(app.get(AppTasks).stats.succeeded).toBe(1);
  });
});

describe('TasksModule', () => {
  it.each<[string, TasksModuleOptions, TasksModuleOptions]>([
    ['onError', { onError: () => {} }, { onError: () => {} }],
    ['shutdown', {}, { shutdown: { gracePeriod: '5s' } }],
    ['concurrency', { concurrency: 1 }, { concurrency: 2 }],
  ])(
    'refuses to be imported twice with different %s',
    async (key, first, second) => {
      await expect(
        compile({
          imports: [TasksModule.forRoot(first), TasksModule.forRoot(second)],
        }),
      ).rejects.toMatchObject({
        code: 'TASKS_MODULE_CONFLICT',
        message: expect.stringContaining(key),
      });
    },
  );

  it.each([
    [{ onErrors: () => {} }, '`onErrors`'],
    [{ onError: 'log' }, '`onError`'],
    [{ concurrency: 0 }, '`concurrency`'],
    [{ maxPending: 10 }, '`maxPending`'],
    [{ concurrency: 1, maxPending: Number.NaN }, '`maxPending`'],
    [{ afterRoute: { wait: true } }, '`wait`'],
    [{ afterRoute: { timeout: '-1s' } }, '`afterRoute.timeout`'],
    [{ shutdown: { gracePeriod: 'soon' } }, '`shutdown.gracePeriod`'],
    [{ defaults: { name: 'x' } }, '`name`'],
    [{ defaults: { retries: 1.5 } }, '`defaults.retries`'],
    [{ defaults: { backoff: { type: 'linear' } } }, '`defaults.backoff.type`'],
    [{ observers: [42] }, '`observers[]`'],
    [{ isGlobal: 'yes' }, '`isGlobal`'],
    ['all', 'must be an object'],
  ])('refuses %j at once, and names it', async (options, named) => {
    expect(() => TasksModule.forRoot(options as never)).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining(named),
      }),
    );
    await expect(
      compile({
        imports: [
          TasksModule.forRootAsync({
            useFactory: () =>
              ({ ...(options as object), unknown: 1 }) as TasksModuleOptions,
          }),
        ],
      }),
    ).rejects.toMatchObject({ code: 'TASK_INVALID_OPTION' });
  });

  it('is visible only where it is imported when it is not global', async () => {
    const local = () => TasksModule.forRoot({ isGlobal: false });
    @Module({ controllers: [FailingController] })
    class BlindModule {}
    @Module({ imports: [local()], controllers: [FailingController] })
    class SeeingModule {}

    await expect(
      compile({ imports: [local(), BlindModule] }),
    ).rejects.toMatchObject({ code: 'TASKS_MODULE_MISSING' });
    const module = await compile({ imports: [local(), SeeingModule] });
    expect(module.get(AppTasks, { strict: false })).toBeInstanceOf(AppTasks);
  });

  it('fails the bootstrap when an error reporter cannot be created', async () => {
    class Missing {}
    @Injectable()
    class NeedyReporter implements TaskErrorReporter {
      constructor(readonly missing: Missing) {}
      handle() {}
    }
    const module = await compile({
      imports: [TasksModule.forRoot({ onError: NeedyReporter })],
    });

    await expect(module.init()).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
      message: expect.stringContaining('NeedyReporter'),
      cause: expect.any(Error),
    });
  });

  it('provides no tasks of a request where there is no request', async () => {
    const module = await compile({ imports: [TasksModule.forRoot()] });
    const service = await module.resolve(TasksService);

    expect(() => service.schedule(() => {})).toThrow(
      expect.objectContaining({ code: 'TASK_SCOPE_MISSING' }),
    );
    expect(() => service.afterResponse).toThrow(/AppTasks/);
  });

  it('refuses @Tasks() in a constructor, and suggests what to inject there', () => {
    expect(() => Tasks()(class Misused {}, undefined, 0)).toThrow(
      /constructor of Misused.*TasksService/,
    );
  });
});
