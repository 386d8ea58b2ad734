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
import { AppTasks, Task, Tasks, TasksModule } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { platforms } from '../support/platforms.js';
import { closeTestedApps, createTestedApp, modes } from './tested-app.js';

const fakes = modes.filter((mode) => mode !== 'real');

describe.each(fakes)('TasksTestingModule, %s', (mode) => {
  afterEach(closeTestedApps);

  it('keeps the options of the application', async () => {
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

  it('replaces a module that is imported more than once, with options from a factory', async () => {
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

  it('ends a task of a transaction as enqueued, so that the transaction can await it', async () => {
    const ran: string[] = [];
    @Injectable()
    class Mail {
      @Task('mail', { durable: true })
      send(to: string) {
        ran.push(to);
      }
    }
    @Controller()
    class OrdersController {
      @Get()
      async create(@Tasks() tasks: Tasks) {
        const task = tasks.task({ transaction: {} }).of(Mail).send('Ann');
        const { status } = await task.settled();
        return { status, ran: ran.length };
      }
    }
    const { send, tester } = await createTestedApp(platforms[0]!, {
      mode,
      tasks: { engine: inProcessEngine() },
      providers: [Mail],
      controllers: [OrdersController],
    });
    const answer: unknown = JSON.parse((await send('/')).body);
    if (mode === 'manual')
      expect(answer).toEqual({ status: 'enqueued', ran: 0 });
    else expect(answer).toMatchObject({ status: 'enqueued' });
    const { id } = tester.assertScheduled({ name: 'mail' });
    await tester.drain();
    expect(ran).toEqual(['Ann']);
    const ended = tester.assertScheduled({ name: 'mail' });
    expect([ended.id, ended.attempt, ended.status]).toEqual([
      id,
      1,
      'succeeded',
    ]);
  });

  it('ends the tasks before anything else is destroyed', async () => {
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
  it('refuses unknown modes', () => {
    expect(() => TasksTestingModule.forRoot({ mode: 'fake' } as never)).toThrow(
      "`mode` must be 'manual' or 'inline', got 'fake'.",
    );
    expect(() => TasksTestingModule.forRoot({} as never)).toThrow(
      "`mode` must be 'manual' or 'inline', got undefined.",
    );
    expect(() =>
      TasksTestingModule.forRoot({ mode: 'manual', await: true } as never),
    ).toThrow(
      'The options of TasksTestingModule.forRoot() have no `await`. Known options: mode.',
    );
  });

  it('suggests a fix when it replaces nothing', async () => {
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
  it('reports that there is no TasksModule, without ending the process', async () => {
    @Module({})
    class EmptyModule {}
    // As in `main.ts`: such an application ends the process when get() finds no provider.
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
