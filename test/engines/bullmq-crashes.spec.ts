import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, expect, it, jest } from '@jest/globals';
import { Queue } from 'bullmq';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { describeWithRedis, RedisSpace } from './support/redis.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';
import { storeWork, type Work } from './support/store-work.js';
import { WorkerProcess } from './support/worker-process.js';

jest.setTimeout(120_000);

const queues: Queue[] = [];

afterEach(async () => {
  await WorkerProcess.killAll();
  await Promise.all(queues.splice(0).map((queue) => queue.close()));
});
afterAll(() => RedisServer.removeAll());

const store = (options: BullmqEngineOptions, work: Work) =>
  storeWork(
    bullmqEngine({ ...options, worker: false, enqueueTimeout: '30s' }),
    work,
  );

interface Place {
  readonly connection: { readonly host: string; readonly port: number };
  readonly prefix?: string;
}

function queueOf({ connection, prefix = 'bull' }: Place): Queue {
  const queue = new Queue('nestjs-tasks', { connection, prefix });
  queues.push(queue);
  return queue;
}

describeWithRedis('a worker over BullMQ', () => {
  const space = new RedisSpace();
  afterAll(() => space.close());

  it('that dies over a job too often has it kept as failed, and that is logged', async () => {
    const options = {
      connection: space.connection,
      prefix: `${space.prefix}-${randomUUID()}`,
      worker: {
        maxStalledCount: 0,
        lockDuration: 500,
        stalledInterval: 200,
      },
    };
    const victim = await WorkerProcess.start({ bullmq: options });
    const id = await store(options, { what: 'poison', until: 'never' });
    await victim.began('poison');
    await victim.kill();
    const next = await WorkerProcess.start({ bullmq: options });
    expect(await next.until(({ is }) => is === 'log')).toMatchObject({
      what: expect.stringMatching(
        /^Job .* of task "work" will not run again: .*stalled more than/,
      ) as unknown,
    });
    const queue = queueOf(options);
    expect(await queue.getJobState(id)).toBe('failed');
  });
});

describeWithRedisServer(
  'a worker over BullMQ, when its Redis is killed',
  () => {
    it('stays alive, and goes on with what was stored', async () => {
      const server = await RedisServer.start();
      const { connection } = server;
      const worker = await WorkerProcess.start({ bullmq: { connection } });
      await store({ connection }, { what: 'during', until: 'gate' });
      await worker.began('during');
      await server.kill();
      await worker.until(
        ({ is, what }) => is === 'log' && /cannot be reached/.test(what ?? ''),
      );
      worker.openGate();
      await worker.ended('during');
      await server.start();
      await worker.until(
        ({ is, what }) => is === 'log' && /again after/.test(what ?? ''),
      );
      await store({ connection }, { what: 'afterwards', until: 'now' });
      await worker.ended('afterwards');
      worker.terminate();
      await worker.exited();

      expect(worker.reports.filter(({ is }) => is === 'escaped')).toEqual([]);
      expect(worker.reports.filter(({ is }) => is === 'log')).toHaveLength(2);
      // Nothing of it is left behind, and none ran twice.
      const queue = queueOf({ connection });
      expect(await queue.getJobCounts()).toMatchObject({
        active: 0,
        waiting: 0,
        delayed: 0,
        failed: 0,
      });
      const began = worker.reports.filter(({ is }) => is === 'began');
      expect(began).toHaveLength(2);
    });
  },
);
