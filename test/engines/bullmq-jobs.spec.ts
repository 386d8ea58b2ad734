import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { DurableEngine, TaskJobOutcome } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { idsOf, newJob, TestHost } from './support/engine-bench.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';
import { pause } from '../support/pause.js';

describeWithRedis('jobs over BullMQ', () => {
  const space = new RedisSpace();
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(() => space.close());

  /** An engine and the queue that it uses, as BullMQ shows it. */
  function open(options: Omit<BullmqEngineOptions, 'connection'> = {}): {
    engine: DurableEngine;
    host: TestHost;
    queue: Queue;
  } {
    const { connection } = space;
    const prefix = `${space.prefix}-${randomUUID()}`;
    const engine = bullmqEngine({
      enqueueTimeout: '30s',
      connection,
      prefix,
      ...options,
    });
    const queue = new Queue(options.queue ?? 'nestjs-tasks', {
      connection,
      prefix,
    });
    ends.push(
      () => queue.close(),
      () => engine.stop(1_000),
    );
    return { engine, host: new TestHost(), queue };
  }

  it('have the id and the name of their task', async () => {
    const { engine, queue } = open({ queue: 'mine', worker: false });
    const [plain, number, colons] = [
      newJob(),
      newJob({ id: '42' }),
      newJob({ id: 'a:b' }),
    ];
    const ids = await idsOf(engine, [plain, number, colons]);
    expect(ids[0]).toBe(plain.id);
    expect(new Set(ids).size).toBe(3);
    const stored = await Promise.all(ids.map((id) => queue.getJob(id)));
    expect(stored.map((job) => [job?.name, job?.data as unknown])).toEqual([
      ['test.task', plain],
      ['test.task', number],
      ['test.task', colons],
    ]);
    // The same again is the same job: nothing runs twice that was stored twice.
    expect(await engine.enqueue([plain, number, colons])).toEqual(ids);
    expect(await queue.getJobCountByTypes('waiting')).toBe(3);
  });

  it('are only stored, and not run, with `worker: false`', async () => {
    const { engine, host, queue } = open({ worker: false });
    await engine.start(host);
    await engine.enqueue([newJob()]);
    expect(await queue.getWorkersCount()).toBe(0);
    expect(host.runs).toEqual([]);
  });

  it.each<[string, TaskJobOutcome & { status: 'failed' | 'refused' }]>([
    ['failed', { status: 'failed', error: new TypeError('no such order') }],
    ['refused', { status: 'refused', error: new RangeError('too new') }],
  ])(
    'that were %s are kept with the name, message and stack of the error',
    async (_how, outcome) => {
      const { engine, host, queue } = open();
      host.answer = () => outcome;
      await engine.start(host);
      const job = newJob({ key: 'order:1' });
      const [id = ''] = await idsOf(engine, [job]);
      await host.until(() => host.runs.length === 1);
      while ((await queue.getJobState(id)) !== 'failed') await pause();

      const { name, message } = outcome.error;
      const kept = await queue.getJob(id);
      expect(kept?.failedReason).toBe(`${name}: ${message}`);
      expect(kept?.stacktrace?.[0]).toContain(`${name}: ${message}\n    at `);
      expect(kept?.data).toEqual(job);
      // Its key is free again.
      host.answer = () => ({ status: 'done' });
      const next = newJob({ key: 'order:1' });
      await engine.enqueue([next]);
      await host.until(() => host.runs.some((run) => run.job.id === next.id));
    },
  );

  it.each([
    'bullmq:rateLimitExceeded',
    'DelayedError',
    'WaitingError',
    'UnrecoverableError',
  ])(
    'whose task fails with %s are tried again like any other',
    async (what) => {
      const { engine, host } = open();
      const error = Object.assign(new Error(what), { name: what });
      host.answer = (_job, attempt) =>
        attempt === 1
          ? { status: 'retry', afterMs: 0, error }
          : { status: 'done' };
      await engine.start(host);
      await engine.enqueue([newJob()]);
      await host.until(() => host.runs.length === 2);
      expect(host.runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    },
  );

  it('of one key: while one runs one more is kept, and runs after it', async () => {
    const { engine, host } = open();
    let finish!: () => void;
    const [first, second, third] = [
      newJob({ key: 'k' }),
      newJob({ key: 'k' }),
      newJob({ key: 'k' }),
    ];
    host.answer = async (job) => {
      if (job.id === first.id) await new Promise<void>((r) => (finish = r));
      return { status: 'done' };
    };
    await engine.start(host);
    await engine.enqueue([first]);
    await host.until(() => host.runs.length === 1);
    await engine.enqueue([second]);
    await engine.enqueue([third]);
    expect(host.runs).toHaveLength(1);
    finish();
    await host.until(() => host.runs.length === 2);
    const last = newJob();
    await engine.enqueue([last]);
    await host.until(() => host.runs.some((run) => run.job.id === last.id));
    expect(host.runs.map(({ job }) => job.id)).toEqual([
      first.id,
      third.id,
      last.id,
    ]);
  });

  it('that wait for a further attempt can be cancelled, those that run cannot', async () => {
    const { engine, host, queue } = open();
    host.answer = async (job, attempt) =>
      job.task === 'runs'
        ? new Promise<never>(() => {})
        : { status: 'retry', afterMs: 60_000, error: new Error(`${attempt}`) };
    await engine.start(host);
    const [delayed = '', running = ''] = await idsOf(engine, [
      newJob(),
      newJob({ task: 'runs' }),
    ]);
    await host.until(() => host.runs.length === 2);
    while ((await queue.getJobState(delayed)) !== 'delayed') await pause();
    expect(await engine.cancel(delayed)).toBe(true);
    expect(await engine.cancel(running)).toBe(false);
    expect(await queue.getJob(delayed)).toBeUndefined();
  });

  it('that are done leave nothing behind, unless they are to be kept', async () => {
    for (const [completed, count] of [
      [false, 0],
      [true, 3],
      [{ count: 2 }, 2],
      [{ age: '1h' }, 3],
    ] as const) {
      const { engine, host, queue } = open({ keep: { completed } });
      await engine.start(host);
      const ids = await engine.enqueue([newJob(), newJob(), newJob()]);
      await host.until(() => host.runs.length === ids.length);
      while ((await queue.getJobCountByTypes('active')) > 0) await pause();
      expect(await queue.getJobCountByTypes('completed')).toBe(count);
    }
  });

  it('cannot be part of a transaction of a database', async () => {
    const { engine } = open({ worker: false });
    await expect(engine.enqueue([newJob()], {})).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
    });
  });

  it('go over connections made like an instance of ioredis, which stays as it was', async () => {
    const connection = new Redis({ ...space.connection, lazyConnect: true });
    const engine = bullmqEngine({
      connection,
      prefix: `${space.prefix}-${randomUUID()}`,
    });
    const host = new TestHost();
    await engine.start(host);
    await engine.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);
    await engine.stop(1_000);
    expect(connection.status).toBe('wait');
  });

  it('run with an engine that another application has opened and stopped', async () => {
    const { engine, host } = open();
    const former = engine.open!();
    await former.start(new TestHost());
    await former.stop(1_000);
    await expect(former.enqueue([newJob()])).rejects.toThrow('was stopped');
    const opened = engine.open!();
    await opened.start(host);
    await opened.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);
    await opened.stop(1_000);
  });
});

describeWithRedisServer('a worker of BullMQ that has nothing to do', () => {
  it('looks for lost jobs with one command each time', async () => {
    const server = await RedisServer.start();
    const engine = bullmqEngine({
      connection: { ...server.connection },
      worker: { stalledInterval: '100ms' },
    });
    const client = new Redis(server.connection);
    const calls = async (command: string) => {
      const stats = await client.info('commandstats');
      const found = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats);
      return Number(found?.[1] ?? 0);
    };
    try {
      await engine.start(new TestHost());
      while ((await calls('llen')) < 5) await pause();
      // Of the script of BullMQ, which may look once before the worker is complete.
      expect(await calls('smembers')).toBeLessThan(2);
    } finally {
      client.disconnect();
      await engine.stop(100);
      await RedisServer.removeAll();
    }
  });
});

describeWithRedisServer('five jobs over BullMQ', () => {
  it('are stored in one round trip', async () => {
    const server = await RedisServer.start();
    const engine = bullmqEngine({
      connection: { ...server.connection },
      worker: false,
    });
    const client = new Redis(server.connection);
    const reads = async () =>
      Number(/total_reads_processed:(\d+)/.exec(await client.info())?.[1]);
    try {
      await engine.start(new TestHost());
      // Redis learns the script from the first ones.
      await engine.enqueue([newJob()]);
      const before = await reads();
      const idle = (await reads()) - before;
      const start = await reads();
      await engine.enqueue(Array.from({ length: 5 }, () => newJob()));
      expect((await reads()) - start - idle).toBe(1);
    } finally {
      client.disconnect();
      await engine.stop(100);
      await RedisServer.removeAll();
    }
  });
});

describe('the options of bullmqEngine()', () => {
  const connection = { host: '127.0.0.1' };
  it.each([
    [undefined, 'The options of bullmqEngine() must be an object'],
    [{}, '`connection` must be'],
    [{ connection: 'redis://localhost' }, '`connection` must be'],
    [{ connection: { url: 'http://localhost' } }, '`connection.url` must be'],
    [{ connection: { keyPrefix: 'x' } }, '`connection.keyPrefix` must not be'],
    [{ connection: { isCluster: true } }, '`connection` must be'],
    [{ connection, queue: 'a:b' }, '`queue` must be'],
    [{ connection, queue: '' }, '`queue` must be'],
    [{ connection, prefix: '' }, '`prefix` must be'],
    [{ connection, worker: true }, 'The options of `worker` must be'],
    [
      { connection, worker: { concurrency: 0 } },
      '`worker.concurrency` must be',
    ],
    [
      { connection, worker: { lockDuration: 5 } },
      '`worker.lockDuration` must be',
    ],
    [
      { connection, worker: { limiter: { max: 1 } } },
      '`worker.limiter` must be',
    ],
    [
      { connection, worker: { autorun: false } },
      'of `worker` have no `autorun`',
    ],
    [
      { connection, keep: { failed: { count: 0 } } },
      '`keep.failed.count` must be',
    ],
    [
      { connection, keep: { failed: { age: 'x' } } },
      '`keep.failed.age` must be',
    ],
    [{ connection, enqueueTimeout: -1 }, '`enqueueTimeout` must be'],
    [{ connection, fallback: 'retry' }, '`fallback` must be'],
    [{ connection, concurrency: 1 }, 'have no `concurrency`'],
  ])('are refused: %j', (options, message) => {
    expect(() => bullmqEngine(options as BullmqEngineOptions)).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining(message) as unknown,
      }),
    );
  });

  it('may keep jobs for longer than a timer can be', () => {
    const keep = {
      failed: { age: '30d' },
      completed: { age: '365d' },
    } as const;
    expect(() => bullmqEngine({ connection, keep })).not.toThrow();
  });

  it('are not repeated in errors where they hold a password', () => {
    const url = 'http://user:secret@localhost';
    expect(() => bullmqEngine({ connection: { url } })).toThrow(
      expect.not.objectContaining({
        message: expect.stringContaining('secret') as unknown,
      }),
    );
  });
});
