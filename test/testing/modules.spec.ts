import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type OnModuleDestroy,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AppTasks, Tasks, TasksModule, type Task } from 'nestjs-tasks';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { platforms } from '../support/platforms.js';
import { closeTestedApps, createTestedApp, modes } from './tested-app.js';

const fakes = modes.filter((mode) => mode !== 'real');

describe.each(fakes)('TasksTestingModule, %s', (mode) => {
  afterEach(closeTestedApps);

  it('leaves the options of the application in force', async () => {
    const alerts: string[] = [];
    const { app, tester } = await createTestedApp(platforms[0]!, {
      mode,
      tasks: {
        defaults: { retries: 1, backoff: { type: 'fixed', delay: 0 } },
        onError: (task: Task) => void alerts.push(task.name),
      },
    });
    const task = app
      .get(AppTasks)
      .task({ name: 'fails' })
      .schedule(() => {
        throw new Error('no');
      });
    await tester.drain();

    expect(task.attempt).toBe(2);
    expect(alerts).toEqual(['fails']);
  });

  it('stands in for a module that is imported more than once, with options that are made', async () => {
    const events: string[] = [];
    const observers = [({ type }: { type: string }) => void events.push(type)];
    const once = () =>
      TasksModule.forRootAsync({ useFactory: () => ({ observers }) });
    const module = await Test.createTestingModule({ imports: [once(), once()] })
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode }))
      .compile();
    await module.init();
    const tester = TasksTester.for(module);
    module.get(AppTasks).schedule(() => {});

    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
    expect(events).toEqual(['scheduled', 'started', 'succeeded']);
    await module.close();
  });

  it('ends the tasks before it takes anything else down', async () => {
    @Injectable()
    class Database implements OnModuleDestroy {
      isOpen = true;
      onModuleDestroy() {
        this.isOpen = false;
      }
    }
    const { app, tester } = await createTestedApp(platforms[0]!, {
      mode,
      providers: [Database],
    });
    const database = app.get(Database);
    const seen: boolean[] = [];
    const task = app
      .get(AppTasks)
      .task({ shield: true })
      .schedule(async () => {
        for (let i = 0; i < 5; i += 1) await Promise.resolve();
        seen.push(database.isOpen);
      });
    const drained = tester.drain();
    await app.close();
    await drained;

    expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    expect(seen).toEqual([true]);
  });
});

describe('TasksTestingModule', () => {
  it('refuses modes that it does not know', () => {
    expect(() => TasksTestingModule.forRoot({ mode: 'fake' } as never)).toThrow(
      "`mode` must be 'manual' or 'inline', but it is 'fake'.",
    );
    expect(() => TasksTestingModule.forRoot({} as never)).toThrow(
      "`mode` must be 'manual' or 'inline', but it is undefined.",
    );
    expect(() =>
      TasksTestingModule.forRoot({ mode: 'manual', await: true } as never),
    ).toThrow(
      'The options of TasksTestingModule.forRoot() have no `await`. Known are: mode.',
    );
  });

  it('says what to do when it stands in for nothing', async () => {
    const module = await Test.createTestingModule({
      imports: [
        TasksModule.forRoot(),
        TasksTestingModule.forRoot({ mode: 'manual' }),
      ],
    }).compile();

    await expect(module.init()).rejects.toMatchObject({
      code: 'TASKS_MODULE_MISSING',
      message: expect.stringContaining(
        '.overrideModule(TasksModule).useModule(',
      ),
    });
  });
});

describe('TasksTester.for()', () => {
  it('says that there is no TasksModule, and leaves the process alone', async () => {
    @Module({})
    class EmptyModule {}
    // As in `main.ts`: asked for what it does not have, such an application aborts.
    const app = await NestFactory.createApplicationContext(EmptyModule, {
      logger: false,
    });

    expect(() => TasksTester.for(app)).toThrow(
      expect.objectContaining({
        code: 'TASKS_MODULE_MISSING',
        message: expect.stringContaining('Import TasksModule.forRoot()'),
      }),
    );
    await app.close();
  });
});

describe.each(platforms)('applications side by side over $name', (platform) => {
  afterEach(closeTestedApps);

  it('keep their tasks and their modes to themselves', async () => {
    @Controller()
    class OrdersController {
      @Get()
      order(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {});
      }
    }
    const create = (mode: (typeof modes)[number]) =>
      createTestedApp(platform, { mode, controllers: [OrdersController] });
    const [real, manual, otherManual, inline] = await Promise.all([
      create('real'),
      create('manual'),
      create('manual'),
      create('inline'),
    ]);
    const all = [real, manual, otherManual, inline];
    await Promise.all(all.map(({ send }) => send('')));
    await otherManual.send('');

    expect(inline.tester.assertScheduled().status).toBe('succeeded');
    expect(manual.tester.assertScheduled().status).toBe('scheduled');
    expect(await manual.tester.drain()).toMatchObject({ succeeded: 1 });
    expect(otherManual.tester.assertScheduled().status).toBe('scheduled');
    expect(await otherManual.tester.drain()).toMatchObject({ succeeded: 2 });
    expect(await real.tester.drain()).toMatchObject({ succeeded: 1 });
    expect(await inline.tester.drain()).toMatchObject({ succeeded: 1 });
  });
});
