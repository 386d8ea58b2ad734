import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  currentTask,
  OnTaskError,
  Task,
  TaskRetryAfterError,
  TasksModule,
  TaskUnrecoverableError,
  AppTasks,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTester, TasksTestingModule } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms, type Platform } from '../support/platforms.js';

const platform = platforms[0] as Platform;
afterEach(closeApps);

@Injectable()
class Sync {
  readonly attempts: number[] = [];
  readonly errors: Error[] = [];
  failed: () => void = () => {};

  @Task('sync', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 1 },
  })
  async run(what: string) {
    const { attempt } = currentTask();
    this.attempts.push(attempt);
    if (what === 'never') throw new TaskUnrecoverableError('no address');
    if (what === 'wrong') throw new TypeError('not now');
    if (attempt <= 2) throw new TaskRetryAfterError(1);
    if (attempt === 3) throw new Error('once');
    return attempt;
  }

  @OnTaskError('sync')
  handle(_task: Task, error: Error) {
    this.errors.push(error);
    this.failed();
  }
}

async function start(tasks: TasksModuleOptions) {
  const { app, log } = await createApp(platform, {
    tasks: { engine: inProcessEngine(), ...tasks },
    providers: [Sync],
  });
  const [sync, appTasks] = [app.get(Sync), app.get(AppTasks)];
  const ended = new Promise<void>((resolve) => (sync.failed = resolve));
  return { sync, tasks: appTasks, log, ended };
}

describe('a durable task', () => {
  it('that asks for another attempt keeps its retries', async () => {
    let done!: () => void;
    const succeeded = new Promise<void>((resolve) => (done = resolve));
    const { sync, tasks } = await start({
      observers: [({ type }) => void (type === 'succeeded' && done())],
    });
    tasks.of(Sync).run('limited');
    await succeeded;
    expect(sync.attempts).toEqual([1, 2, 3, 4]);
    expect(sync.errors).toEqual([]);
  });

  it('that is unrecoverable fails at once, and is kept as failed', async () => {
    const { sync, tasks, ended } = await start({});
    tasks.of(Sync).run('never');
    await ended;
    expect(sync.attempts).toEqual([1]);
    expect(sync.errors).toMatchObject([{ code: 'TASK_UNRECOVERABLE' }]);
  });

  it('ends as an interceptor says, which may translate its error', async () => {
    const { sync, tasks, ended } = await start({
      interceptors: [
        async (task, next) => {
          try {
            return await next();
          } catch (error) {
            if (task.attempt <= 3) throw new TaskRetryAfterError(1);
            throw new TaskUnrecoverableError(error as Error);
          }
        },
      ],
    });
    tasks.of(Sync).run('wrong');
    await ended;
    expect(sync.attempts).toEqual([1, 2, 3, 4]);
    expect(sync.errors).toMatchObject([
      { code: 'TASK_UNRECOVERABLE', message: 'not now' },
    ]);
  });
});

describe('in tests', () => {
  const compile = async (mode: 'manual' | 'inline') => {
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
      providers: [Sync],
    })
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode }))
      .compile();
    const app = await module.createNestApplication().init();
    return { app, sync: app.get(Sync), tester: TasksTester.for(app) };
  };

  it('in manual mode, drain() runs the attempts that were asked for', async () => {
    const { app, sync, tester } = await compile('manual');
    app.get(AppTasks).of(Sync).run('limited');
    app.get(AppTasks).of(Sync).run('never');
    expect(await tester.drain()).toMatchObject({ succeeded: 1, failed: 1 });
    expect(sync.attempts).toEqual([1, 1, 2, 3, 4]);
    await app.close();
  });

  it('in inline mode, the end of the work waits for them', async () => {
    const { app, sync } = await compile('inline');
    await app.get(AppTasks).runInScope((tasks) => {
      tasks.afterRoute.of(Sync).run('limited');
    });
    expect(sync.attempts).toEqual([1, 2, 3, 4]);
    await app.close();
  });
});
