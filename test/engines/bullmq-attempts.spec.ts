import { afterAll, afterEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { deferred } from '../support/deferred.js';
import { idsOf, newJob, TestHost } from './support/engine-bench.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';
import { pause } from '../support/pause.js';

const MOST = 1_000_000;

describeWithRedis('attempts at jobs over BullMQ', () => {
  const space = new RedisSpace();
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(() => space.close());

  interface Place {
    readonly queue: Queue;
    engine(options?: Omit<BullmqEngineOptions, 'connection'>): DurableEngine;
  }

  function place(): Place {
    const { connection } = space;
    const prefix = `${space.prefix}-${randomUUID()}`;
    const queue = new Queue('nestjs-tasks', { connection, prefix });
    ends.push(() => queue.close());
    return {
      queue,
      engine(options) {
        const engine = bullmqEngine({
          enqueueTimeout: '30s',
          connection,
          prefix,
          ...options,
        });
        ends.push(() => engine.stop(1_000));
        return engine;
      },
    };
  }

  it('are told when their lock is lost, and record nothing then', async () => {
    const { queue, engine: open } = place();
    const engine = open({
      worker: { lockDuration: 400, stalledInterval: 200 },
    });
    const host = new TestHost();
    const lost = deferred();
    host.answer = async (_job, attempt, { signal }) => {
      if (attempt > 1) return { status: 'done' };
      signal?.addEventListener('abort', () => lost.resolve());
      await lost.promise;
      return { status: 'lost', error: signal?.reason as Error };
    };
    await engine.start(host);
    const [id = ''] = await idsOf(engine, [newJob()]);
    await host.until(() => host.runs.length === 1);
    await space.client.del(`${queue.toKey(id)}:lock`);
    await host.until(() => host.runs.length === 2);
    const [first, second] = host.runs;
    expect(first?.signal?.reason).toMatchObject({ code: 'TASK_LOST' });
    // It was started twice, and has not failed.
    expect(second).toMatchObject({ attempt: 2, failures: 0 });
    expect(second?.signal?.aborted).toBe(false);
    while (await queue.getJob(id)) await pause();
    expect(host.errors).toEqual([]);
  });

  it('that are returned count as starts, and wake another worker', async () => {
    const { queue, engine: open } = place();
    const [leaving, staying] = [open({ worker: { concurrency: 5 } }), open()];
    const host = new TestHost();
    const returned = deferred();
    host.answer = async () => {
      await returned.promise;
      return { status: 'returned' };
    };
    await leaving.start(host);
    const [id = ''] = await idsOf(leaving, [newJob()]);
    await host.until(() => host.runs.length === 1);
    // It waits for a second one, and would be the first to be woken.
    const marker = queue.toKey('marker');
    while ((await space.client.exists(marker)) > 0) await pause();
    await leaving.pause();
    returned.resolve();
    while ((await queue.getJobState(id)) !== 'waiting') await pause();
    while ((await space.client.exists(marker)) === 0);

    const next = new TestHost();
    await staying.start(next);
    await next.until(() => next.runs.length === 1);
    expect(next.runs).toMatchObject([{ attempt: 2, failures: 0 }]);
  });

  it('at what nobody here knows do not count, and end when it has been unknown for too long', async () => {
    const { queue, engine: open } = place();
    const old = open({ worker: { concurrency: 1 }, unknownFor: '2.5s' });
    const host = new TestHost();
    const error = new Error('no such task');
    host.answer = () => ({ status: 'unknown', error });
    await old.start(host);
    const [id = '', gone = ''] = await idsOf(old, [newJob(), newJob()]);
    await host.until(() => host.runs.length === 2);
    while ((await queue.getJobState(id)) !== 'delayed') await pause();
    while ((await queue.getJobState(gone)) !== 'failed');
    expect(host.runs.map(({ attempt }) => attempt)).not.toContain(2);
    expect(host.runs.length).toBeLessThan(10);
    expect((await queue.getJob(gone))?.failedReason).toMatch(/no such task/);
    await old.stop(1_000);

    await (await queue.getJob(gone))?.retry();
    const known = new TestHost();
    const next = open();
    await next.start(known);
    await known.until(() => known.runs.length === 1);
    expect(known.runs[0]).toMatchObject({ failures: 0 });
  });

  it('are all there again for a job that is retried by hand', async () => {
    const { queue, engine: open } = place();
    const engine = open();
    const host = new TestHost();
    const error = new Error('declined');
    host.answer = (_job, _attempt, { failures = MOST }) =>
      failures < 2
        ? { status: 'retry', afterMs: 1, error }
        : { status: 'failed', error };
    await engine.start(host);
    const [id = ''] = await idsOf(engine, [newJob()]);
    const failuresOf = () => host.runs.map(({ failures }) => failures);
    for (const runs of [3, 6]) {
      await host.until(() => host.runs.length === runs);
      while ((await queue.getJobState(id)) !== 'failed') await pause();
      expect(failuresOf().slice(-3)).toEqual([0, 1, 2]);
      await (await queue.getJob(id))?.retry();
    }
    await host.until(() => host.runs.length === 7);
    expect(host.runs.map(({ attempt }) => attempt)).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  it('end with an error of any shape', async () => {
    const { queue, engine: open } = place();
    const engine = open();
    const host = new TestHost();
    const odd = Object.assign(new Error('odd'), { stack: null, name: 7 });
    host.answer = () => ({ status: 'failed', error: odd });
    await engine.start(host);
    const [id = ''] = await idsOf(engine, [newJob()]);
    while ((await queue.getJobState(id)) !== 'failed') await pause();
    expect(host.runs).toHaveLength(1);
  });

  it('keep the last few stacks, however many fail', async () => {
    const { queue, engine: open } = place();
    const engine = open();
    const host = new TestHost();
    host.answer = (_job, attempt) => {
      const error = new Error(`${attempt}`);
      return attempt < 20
        ? { status: 'retry', afterMs: 1, error }
        : { status: 'failed', error };
    };
    await engine.start(host);
    const [id = ''] = await idsOf(engine, [newJob()]);
    while ((await queue.getJobState(id)) !== 'failed') await pause();
    const kept = await queue.getJob(id);
    expect(kept?.attemptsMade).toBe(20);
    expect(kept?.stacktrace?.length).toBeLessThan(5);
  });
});

describeWithRedis('stored over BullMQ', () => {
  const space = new RedisSpace();
  afterAll(() => space.close());
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function open(): Promise<{ engine: DurableEngine; queue: Queue }> {
    const { connection } = space;
    const prefix = `${space.prefix}-${randomUUID()}`;
    const engine = bullmqEngine({
      enqueueTimeout: '30s',
      connection,
      prefix,
      worker: false,
    });
    const queue = new Queue('nestjs-tasks', { connection, prefix });
    ends.push(
      () => queue.close(),
      () => engine.stop(1_000),
    );
    await engine.start(new TestHost());
    return { engine, queue };
  }

  it.each(['gone', 'failed'])(
    'are jobs whose key was left behind by one that is %s',
    async (how) => {
      const { engine, queue } = await open();
      const [first = ''] = await idsOf(engine, [newJob({ key: 'k' })]);
      const deduplication = (await queue.getJob(first))?.deduplicationId ?? '';
      const key = queue.toKey(`de:${deduplication}`);
      expect(await space.client.get(key)).toBe(first);
      if (how === 'gone') await space.client.del(queue.toKey(first));
      else await space.client.zadd(queue.toKey('failed'), 1, first);
      await space.client.lrem(queue.toKey('wait'), 1, first);

      const next = newJob({ key: 'k' });
      expect(await idsOf(engine, [next])).toEqual([next.id]);
      expect(await queue.getJobState(next.id)).toBe('waiting');
      expect(await idsOf(engine, [newJob({ key: 'k' })])).toEqual([next.id]);
    },
  );

  it('are the others, when Redis refuses one of them', async () => {
    const { engine, queue } = await open();
    const [first = ''] = await idsOf(engine, [newJob({ key: 'k' })]);
    const deduplication = (await queue.getJob(first))?.deduplicationId ?? '';
    await space.client.del(queue.toKey(`de:${deduplication}`));
    await space.client.lpush(queue.toKey(`de:${deduplication}`), 'no text');
    const [before, refused, after] = [newJob(), newJob({ key: 'k' }), newJob()];
    expect(await engine.enqueue([before, refused, after])).toEqual([
      before.id,
      expect.objectContaining({
        message: expect.stringMatching(/WRONGTYPE/) as unknown,
      }),
      after.id,
    ]);
    expect(await queue.getJobState(before.id)).toBe('waiting');
    expect(await queue.getJobState(after.id)).toBe('waiting');
  });

  it('are many large jobs at once', async () => {
    const { engine, queue } = await open();
    const args = JSON.stringify({ args: ['x'.repeat(250_000)] });
    const jobs = Array.from({ length: 40 }, () => newJob({ args }));
    expect(await idsOf(engine, jobs)).toEqual(jobs.map(({ id }) => id));
    expect(await queue.getWaitingCount()).toBe(jobs.length);
    await queue.obliterate();
  });
});
