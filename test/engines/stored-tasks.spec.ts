import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AppTasks,
  currentTask,
  StoredTasks,
  Task,
  TasksModule,
  type DurableEngine,
  type StoredJobs,
  type StoredTask,
  type StoredTaskFilter,
  type StoredTaskStatus,
  type TaskEvent,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { TasksTestingModule } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

const hour = 3_600_000;
let gate = deferred();
const began: string[] = [];

@Injectable()
class Payments {
  @Task('payment.charge', { durable: true })
  async charge(order: string, _more?: unknown): Promise<void> {
    began.push(order);
    if (order === 'broke') throw new RangeError('no funds');
    if (order === 'slow') await gate.promise;
  }
}

async function openApp(
  engine: DurableEngine = inProcessEngine(),
  providers: readonly Type[] = [Exports],
) {
  began.length = 0;
  gate = deferred();
  const [platform] = platforms;
  if (!platform) throw new Error('There is no platform.');
  const events: TaskEvent[] = [];
  const { app, log } = await createApp(platform, {
    tasks: { engine, observers: [(event) => void events.push(event)] },
    providers: [Payments, ...providers],
  });
  const stored = app.get(StoredTasks);
  const tasks = app.get(AppTasks);
  const until = async (id: string, status: StoredTaskStatus) => {
    for (;;) {
      const task = await stored.find(id);
      if (task?.status === status) return task;
      await new Promise(setImmediate);
    }
  };
  return { app, events, log, stored, tasks, until };
}

async function listed(
  stored: StoredTasks,
  filter?: StoredTaskFilter,
): Promise<StoredTask[]> {
  const tasks: StoredTask[] = [];
  for await (const task of stored.list(filter)) tasks.push(task);
  return tasks;
}

@Injectable()
class Exports {
  @Task('export', { durable: true, keepResult: '1h' })
  async run(rows: number) {
    for (let row = 0; row <= rows; row += 1) {
      await currentTask().progress({ row, of: BigInt(rows) });
    }
    await gate.promise;
    if (rows === 3) return () => {};
    return new Map([['rows', rows]]);
  }

  @Task('plain')
  async plain(value: unknown) {
    await currentTask().progress(value);
  }
}

describe('progress and results', () => {
  it('are kept by the store, as the values that they were', async () => {
    const { log, stored, tasks, until } = await openApp();
    const call = tasks.of(Exports).run(2);
    for (;;) {
      const found = await stored.find(call.id);
      if (Object(found?.progress).row === 2) break;
      await new Promise(setImmediate);
    }
    gate.resolve();
    expect(await until(call.id, 'succeeded')).toMatchObject({
      progress: { row: 2, of: 2n },
      result: new Map([['rows', 2]]),
    });
    // A result that is no data is not kept, and the task has succeeded all the same.
    tasks.of(Exports).run(3);
    while (tasks.stats.succeeded < 2) await new Promise(setImmediate);
    expect(tasks.stats.failed).toBe(0);
    expect(JSON.stringify(log.lines)).toContain(
      'The result of task \\"export\\" cannot be stored',
    );
  });

  it('without a store, a progress is an event, and a copy', async () => {
    const { events, tasks } = await openApp();
    const value = { percent: 50 };
    const task = tasks.of(Exports).plain(value);
    await task.settled();
    value.percent = 100;
    expect(events.filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', task, value: { percent: 50 } },
    ]);
    // After its end it is ignored.
    await task.progress(7);
    const refused = tasks.of(Exports).plain(() => {});
    expect(await refused.settled()).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_INVALID_ARGUMENT' },
    });
  });

  it('a `keepResult` needs a durable task, and an engine that keeps it', async () => {
    expect(() => {
      class Wrong {
        @Task('wrong', { keepResult: '1h' })
        run(): void {}
      }
      return Wrong;
    }).toThrow(/`keepResult`, which is for durable tasks/);
    await expect(openApp(new StoringEngine())).rejects.toThrow(
      /has a `keepResult`, but the engine "storing" does not have "keepResult"/,
    );
  });
});

describe('StoredTasks', () => {
  it('shows a task with everything that is known of it, and changes it', async () => {
    const { log, stored, tasks, until } = await openApp();
    const call = tasks
      .task({ key: 'order:1', priority: 4, delay: '1h' })
      .of(Payments)
      .charge('broke', new Map([[1n, new Date(0)]]));
    const outcome = await call.settled();
    expect(outcome).toMatchObject({ status: 'enqueued' });
    const waiting = await stored.find(call.id);
    expect(waiting).toEqual({
      id: call.id,
      name: 'payment.charge',
      queue: 'default',
      key: 'order:1',
      priority: 4,
      status: 'delayed',
      args: ['broke', new Map([[1n, new Date(0)]])],
      attempt: 0,
      scheduledAt: call.scheduledAt,
      dueAt: expect.any(Number),
    });
    expect(waiting?.dueAt).toBeGreaterThanOrEqual(call.scheduledAt + hour - 5);
    expect(await stored.counts()).toMatchObject({ delayed: 1, failed: 0 });
    const misspelled = { queu: 'default' } as object;
    await expect(stored.counts(misspelled)).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
    });

    expect(
      await stored.cancel({ name: 'payment.charge', key: 'order:1' }),
    ).toBe(1);
    expect(await stored.find(call.id)).toMatchObject({ status: 'cancelled' });
    expect(await stored.cancel({ key: 'order:1' })).toBe(0);
    // A filter without a status means those that failed.
    expect(await stored.retry({ name: 'payment.charge' })).toBe(0);
    expect(await stored.retry(call.id)).toBe(1);
    const failed = await until(call.id, 'failed');
    expect(failed).toMatchObject({
      attempt: 1,
      error: { name: 'RangeError', message: 'no funds' },
    });
    expect(failed.endedAt).toBeGreaterThanOrEqual(failed.startedAt ?? Infinity);
    expect(await stored.retry({ name: 'payment.charge' })).toBe(1);
    await until(call.id, 'failed');
    expect(await stored.find(call.id)).toMatchObject({ attempt: 2 });
    expect(began).toEqual(['broke', 'broke']);
    expect(await stored.remove({ status: 'failed' })).toBe(1);
    expect(await stored.find(call.id)).toBeUndefined();
    expect(await stored.schedules()).toEqual([]);
    expect(JSON.stringify(log.lines)).not.toContain('order:1');
  });

  it('cancels a running task, whose signal fires', async () => {
    const { app, log, stored, tasks, until } = await openApp();
    const call = tasks.of(Payments).charge('slow');
    await until(call.id, 'running');
    expect(await stored.cancel(call.id)).toBe(1);
    expect(await until(call.id, 'cancelled')).toMatchObject({ attempt: 1 });
    expect(await stored.cancel(call.id)).toBe(0);
    await app.get(AppTasks).idle();
    expect(app.get(AppTasks).stats.cancelled).toBe(1);
    expect(JSON.stringify(log.lines)).toContain('was cancelled in the store');
  });

  it('reads lists in parts, page by page, and one queue at a time', async () => {
    const { stored, tasks } = await openApp();
    await stored.pause();
    expect(await stored.isPaused()).toBe(true);
    const ids = new Set<string>();
    for (let n = 0; n < 230; n += 1)
      ids.add(tasks.of(Payments).charge(`${n}`).id);
    while ((await stored.counts()).waiting < 230)
      await new Promise(setImmediate);
    expect(new Set((await listed(stored)).map(({ id }) => id))).toEqual(ids);
    expect(await listed(stored, { limit: 120 })).toHaveLength(120);
    expect(await listed(stored, { status: ['failed', 'running'] })).toEqual([]);
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await stored.page({ limit: 100 }, cursor);
      for (const { id } of page.tasks) ids.delete(id);
      pages.push(page.tasks.length);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([100, 100, 30]);
    expect(ids.size).toBe(0);
    expect((await stored.page()).tasks).toHaveLength(50);
    expect(await stored.cancel({ queue: 'default', limit: 130 })).toBe(130);
    expect(await stored.queues()).toEqual(['default']);
    await stored.resume('default');
    while ((await stored.counts()).waiting > 0) await new Promise(setImmediate);
    expect(began).toHaveLength(100);
    await expect(stored.pause('media')).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
    });
  });

  it.each<[string, (stored: StoredTasks) => unknown]>([
    ['an unknown key', (stored) => listed(stored, { state: 'x' } as never)],
    [
      'an unknown status',
      (stored) => listed(stored, { status: 'done' } as never),
    ],
    ['no status', (stored) => listed(stored, { status: [] })],
    ['a limit of 0', (stored) => listed(stored, { limit: 0 })],
    ['a page that is too long', (stored) => stored.page({ limit: 1_001 })],
    ['a cursor of another kind', (stored) => stored.page({}, 7 as never)],
    ['an id of another kind', (stored) => stored.find(7 as never)],
    ['everything, to be cancelled', (stored) => stored.cancel({})],
    ['everything, to be removed', (stored) => stored.remove({ limit: 3 })],
    ['everything, to be retried', (stored) => stored.retry({})],
  ])('refuses %s', async (_what, ask) => {
    const stored = new StoredTasks({} as never);
    await expect((async () => ask(stored))()).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
    });
  });

  it('shows what this process cannot decode as such', async () => {
    const engine = new StoringEngine();
    const { stored } = await openApp(engine, []);
    const of = async (data: unknown, more?: object) => {
      const facts = {
        jobId: 'j',
        queue: 'default',
        status: 'failed',
        attempt: 1,
      } as const;
      engine.stored = storedJobs({
        find: async () => ({ ...facts, data, ...more }),
      });
      return stored.find('j');
    };
    expect(
      await of(newJob({ id: '1', task: 'mail', args: 'not text of a codec' })),
    ).toMatchObject({
      id: '1',
      name: 'mail',
      undecodable:
        'its arguments cannot be decoded by the engine of this process',
    });
    expect(await of(undefined)).toMatchObject({
      id: 'j',
      name: 'unknown',
      undecodable: expect.stringContaining('was not stored by nestjs-tasks'),
    });
    expect(
      await of({ ...newJob({ id: '2', task: 'new' }), version: 99 }),
    ).toMatchObject({
      id: '2',
      name: 'new',
      undecodable: expect.stringContaining('newer version'),
    });
    expect(
      await of(newJob(), { progress: '?', result: '?' }),
    ).not.toHaveProperty('result');
  });

  it('says which store failed, without its secrets', async () => {
    const engine = new StoringEngine();
    const cause = new Error('no route to redis://ann:secret@host');
    engine.stored = storedJobs({ counts: () => Promise.reject(cause) });
    const { stored } = await openApp(engine, []);
    const error = await stored.counts().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'TASK_STORE_FAILED',
      message:
        'StoredTasks.counts() failed in the store of storing: no route to redis://***@host',
    });
    expect(String((error as Error).cause)).not.toContain('secret');
  });

  it.each([
    ['without an engine', undefined, 'TASK_ENGINE_MISSING'],
    [
      'with an engine that has no access',
      new StoringEngine(),
      'TASK_NOT_SUPPORTED',
    ],
  ])('rejects every call in an application %s', async (_what, engine, code) => {
    @Module({ imports: [TasksModule.forRoot(engine && { engine })] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
    });
    await expectRejections(app.get(StoredTasks), code);
    await app.close();
  });

  it('rejects every call in a test mode, which stores nothing', async () => {
    const module = await Test.createTestingModule({
      imports: [TasksModule.forRoot({ engine: inProcessEngine() })],
    })
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode: 'manual' }))
      .compile();
    await module.init();
    await expectRejections(module.get(StoredTasks), 'TASK_NOT_SUPPORTED');
    await module.close();
  });
});

async function expectRejections(stored: StoredTasks, code: string) {
  const calls = [
    () => stored.find('x'),
    () => listed(stored),
    () => stored.page(),
    () => stored.counts(),
    () => stored.retry('x'),
    () => stored.cancel({ name: 'x' }),
    () => stored.remove({ name: 'x' }),
    () => stored.pause(),
    () => stored.resume(),
    () => stored.isPaused(),
    () => stored.queues(),
    () => stored.schedules(),
  ];
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({ code });
}

/** An engine's access to stored jobs that has these methods only. */
function storedJobs(methods: Partial<StoredJobs>): StoredJobs {
  return methods as StoredJobs;
}
