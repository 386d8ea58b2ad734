import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, mixin, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppTasks, Task, Tasks, TasksModule, TasksService } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

function sharedModule(isGlobal: boolean) {
  const ran: string[] = [];
  @Injectable()
  class Nightly {
    constructor(readonly tasks: AppTasks) {}
  }
  @Controller()
  class TestController {
    constructor(private readonly service: TasksService) {}

    @Get()
    handle(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => ran.push('decorator'));
      this.service.afterRoute.schedule(() => ran.push('service'));
    }
  }
  @Module({
    imports: [TasksModule.forRoot({ isGlobal })],
    exports: [TasksModule],
  })
  class SharedModule {}
  @Module({ imports: [SharedModule], exports: [SharedModule] })
  class OuterModule {}
  @Module({
    imports: [OuterModule],
    controllers: [TestController],
    providers: [Nightly],
  })
  class FeatureModule {}
  return { ran, FeatureModule, Nightly };
}

describe.each(platforms)('TasksModule over $name', (platform) => {
  it.each([true, false])(
    'is exported by its class from a module that imports it, global: %s',
    async (isGlobal) => {
      const { ran, FeatureModule, Nightly } = sharedModule(isGlobal);
      const { app, request, tester } = await createApp(platform, {
        tasks: false,
        imports: [FeatureModule],
      });
      expect((await request('/')).status).toBe(200);
      await tester.settled();

      expect(ran).toEqual(['service', 'decorator']);
      expect(app.get(Nightly).tasks).toBe(app.get(AppTasks));
      expect(app.select(TasksModule).get(AppTasks)).toBe(app.get(AppTasks));
    },
  );
});

describe('TasksModule', () => {
  it('can be replaced in a test where it is exported by its class', async () => {
    const { FeatureModule, Nightly } = sharedModule(false);
    const module = await Test.createTestingModule({ imports: [FeatureModule] })
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode: 'manual' }))
      .compile();
    await module.init();
    const tester = TasksTester.for(module);
    const task = module.get(Nightly).tasks.schedule(() => 5);
    await Promise.resolve();
    expect(task.status).toBe('scheduled');

    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
    await module.close();
  });
});

describe('a unit test of a controller', () => {
  @Controller()
  class OrdersController {
    @Get()
    create(@Tasks() tasks: Tasks) {
      tasks.schedule(() => {});
      return 'created';
    }
  }

  it('is told what to import when it lacks the module', async () => {
    await expect(
      Test.createTestingModule({ controllers: [OrdersController] }).compile(),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'TASKS_MODULE_MISSING',
        message: expect.stringContaining(
          'Test.createTestingModule({ imports: [TasksModule.forRoot()], controllers: […] })',
        ) as unknown,
      }),
    );
  });

  it('works with the module', async () => {
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot()],
      controllers: [OrdersController],
    }).compile();
    expect(module.get(OrdersController)).toBeInstanceOf(OrdersController);
    await module.close();
  });
});

describe('a declared task in a mixin', () => {
  const tasksOf = (...declaration: Parameters<typeof Task>) => {
    class CrudTasks {
      @Task(...declaration)
      sync() {
        return 'synced';
      }
    }
    return mixin(CrudTasks);
  };
  const start = (type: ReturnType<typeof tasksOf>) =>
    Test.createTestingModule({
      imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
      providers: [type],
    }).compile();

  it('needs a name when it is durable, because the default one is random', async () => {
    await expect(start(tasksOf(undefined, { durable: true }))).rejects.toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringMatching(/sync\(\) of the mixin .* needs a name/),
      }),
    );
  });

  it.each<Parameters<typeof Task>>([['users.sync', { durable: true }], []])(
    'works otherwise: %j',
    async (...declaration) => {
      const UserTasks = tasksOf(...declaration);
      const module = await start(UserTasks);
      await module.init();
      const tester = TasksTester.for(module);
      module.get(AppTasks).of(UserTasks).sync();
      await tester.waitFor({ status: 'succeeded' });
      await module.close();
    },
  );
});
