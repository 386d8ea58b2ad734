import {
  afterAll,
  afterEach,
  beforeAll,
  expect,
  it,
  jest,
} from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { newJob } from './support/engine-bench.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';
import { WorkerProcess } from './support/redis-worker-process.js';

jest.setTimeout(60_000);

const engines: DurableEngine[] = [];
const queues: Queue[] = [];

beforeAll(() => WorkerProcess.build(), 60_000);
afterEach(async () => {
  await WorkerProcess.killAll();
  await Promise.all(engines.splice(0).map((engine) => engine.stop(100)));
  await Promise.all(queues.splice(0).map((queue) => queue.close()));
});
afterAll(async () => {
  await WorkerProcess.removeBuild();
  await RedisServer.removeAll();
});

/** Stores a job for the workers. */
async function store(
  options: BullmqEngineOptions,
  what: string,
  until: 'gate' | 'now' | 'never',
  shield = false,
): Promise<string> {
  const engine = bullmqEngine({ ...options, worker: false });
  engines.push(engine);
  const [id = ''] = await engine.enqueue([
    newJob({
      task: 'work',
      args: engine.codec.encode([what, until], 'work'),
      key: what,
      options: { shield },
    }),
  ]);
  return id;
}

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
  const ownSpace = () => ({
    connection: space.connection,
    prefix: `${space.prefix}-${randomUUID()}`,
  });

  it('that is killed has its job run again within 10 s, also the second time, with the attempt counted', async () => {
    const options = ownSpace();
    const first = await WorkerProcess.start(options);
    const id = await store(options, 'survivor', 'gate');
    await first.began('survivor');
    const tookMs: number[] = [];
    let [victim, other] = [first, await WorkerProcess.start(options)];
    for (const attempt of [2, 3]) {
      const killed = performance.now();
      await victim.kill();
      expect(await other.began('survivor')).toMatchObject({
        attempt,
        key: 'survivor',
      });
      tookMs.push(performance.now() - killed);
      [victim, other] = [other, await WorkerProcess.start(options)];
    }
    expect(Math.max(...tookMs)).toBeLessThan(10_000);
    victim.openGate();
    await victim.ended('survivor');
    victim.terminate();
    await victim.exited();
    expect(await queueOf(options).getJob(id)).toBeUndefined();
  });

  it('that dies over a job too often has it kept as failed, and that is logged', async () => {
    const options = {
      ...ownSpace(),
      worker: {
        maxStalledCount: 0,
        lockDuration: 500,
        stalledInterval: 200,
      },
    };
    const victim = await WorkerProcess.start(options);
    const id = await store(options, 'poison', 'never');
    await victim.began('poison');
    await victim.kill();
    const next = await WorkerProcess.start(options);
    expect(await next.until(({ is }) => is === 'log')).toMatchObject({
      what: expect.stringMatching(
        /^Job .* of task "work" does not run again: .*stalled more than/,
      ) as unknown,
    });
    const queue = queueOf(options);
    expect(await queue.getJobState(id)).toBe('failed');
  });

  it('that is told to end gives its jobs back at once, and ends the shielded ones', async () => {
    const options = ownSpace();
    const leaving = await WorkerProcess.start(options);
    await store(options, 'plain', 'never');
    await store(options, 'shielded', 'gate', true);
    await leaving.began('plain');
    await leaving.began('shielded');
    const staying = await WorkerProcess.start(options);
    const told = performance.now();
    leaving.terminate();
    expect(await staying.began('plain')).toMatchObject({ attempt: 1 });
    expect(performance.now() - told).toBeLessThan(2_000);
    leaving.openGate();
    await leaving.ended('shielded');
    await leaving.exited();
    expect(leaving.reports.filter(({ is }) => is === 'escaped')).toEqual([]);
  });
});

describeWithRedisServer(
  'a worker over BullMQ, when its Redis is killed',
  () => {
    it('stays alive, and goes on with what was stored', async () => {
      const server = await RedisServer.start();
      const { connection } = server;
      const worker = await WorkerProcess.start({ connection });
      await store({ connection }, 'during', 'gate');
      await worker.began('during');
      await server.kill();
      await worker.until(
        ({ is, what }) => is === 'log' && /cannot be reached/.test(what ?? ''),
      );
      worker.openGate();
      await worker.ended('during');
      await server.start();
      await worker.until(
        ({ is, what }) => is === 'log' && /again, after/.test(what ?? ''),
      );
      await store({ connection }, 'afterwards', 'now');
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
