import { afterAll, afterEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { MARKS, TAKE_SCRIPT } from '../../lib/bullmq/stored-marks.js';
import { deferred } from '../support/deferred.js';
import { pause } from '../support/pause.js';
import { newJob, TestHost } from './support/engine-bench.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';

describeWithRedis('stored tasks over BullMQ', () => {
  const space = new RedisSpace();
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(() => space.close());

  /** A queue as BullMQ shows it, and what opens engines over it. */
  function open() {
    const { connection } = space;
    const prefix = `${space.prefix}-${randomUUID()}`;
    const queue = new Queue('nestjs-tasks', { connection, prefix });
    ends.push(() => queue.close());
    return {
      queue,
      engine: () => {
        const engine = bullmqEngine({
          enqueueTimeout: '30s',
          connection,
          prefix,
        });
        ends.push(() => engine.stop(1_000));
        return engine;
      },
    };
  }

  it('that a process was about to cancel when it died are cancelled by a worker', async () => {
    const { queue, engine } = open();
    const [storing, host] = [engine(), new TestHost()];
    const job = newJob();
    await storing.enqueue([job]);
    const keys = ['wait', 'paused', 'prioritized', 'delayed', 'active'];
    const taken = await space.client.eval(
      TAKE_SCRIPT,
      7,
      ...keys.map((key) => queue.toKey(key)),
      queue.toKey(job.id),
      queue.toKey(`${job.id}:lock`),
      job.id,
      'a process that dies',
      1,
    );
    expect(taken).toBe(1);

    const worker = engine();
    await worker.start(host);
    const status = async () => (await worker.stored?.find(job.id))?.status;
    while ((await status()) !== 'cancelled') await pause();
    expect(host.runs).toEqual([]);
    expect((await worker.stored?.counts())?.cancelled).toBe(1);
  });

  it('have their results removed when their time is over, however many, and whichever cannot be', async () => {
    const { queue, engine } = open();
    const [first, host] = [engine(), new TestHost()];
    host.answer = () => ({ status: 'done', result: '[]', keepMs: 2_000 });
    await first.start(host);
    const jobs = Array.from({ length: 250 }, () => newJob());
    await first.enqueue(jobs);
    await host.until(() => host.runs.length === jobs.length);
    await first.stop(5_000);
    const marks = queue.toKey(MARKS.results);
    const [locked = ''] = await space.client.zrange(marks, '0', '0');
    await space.client.set(queue.toKey(`${locked}:lock`), 'somebody');
    const isOver = async () =>
      (await space.client.zcount(marks, '-inf', Date.now())) ===
      (await space.client.zcard(marks));
    while (!(await isOver())) await pause();

    const [second, other] = [engine(), new TestHost()];
    const { promise, resolve } = deferred();
    other.answer = async () => {
      await promise;
      return { status: 'done' };
    };
    await second.start(other);
    await second.enqueue([newJob()]);
    while ((await space.client.zcard(marks)) > 1) await pause();
    expect(await space.client.zrange(marks, '0', '0')).toEqual([locked]);
    expect(await queue.getCompletedCount()).toBe(1);
    resolve();
  });

  it("are those of BullMQ's own failed set, whoever has put them there", async () => {
    const { queue, engine: newEngine } = open();
    const [engine, host] = [newEngine(), new TestHost()];
    host.answer = ({ task }, attempt) =>
      attempt === 1
        ? { status: 'failed', error: new TypeError(`no ${task}`) }
        : { status: 'done' };
    await engine.start(host);
    const ours = newJob({ task: 'funds' });
    await engine.enqueue([ours]);
    // By a producer of another language, say.
    const theirs = newJob({ task: 'paper' });
    const added = await queue.add('paper', theirs);
    while ((await queue.getFailedCount()) < 2) await pause();

    const { jobs: failed = [] } =
      (await engine.stored?.page({ statuses: ['failed'] }, 10)) ?? {};
    expect(failed).toHaveLength(2);
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ jobId: ours.id, data: ours }),
        expect.objectContaining({
          jobId: added.id,
          data: theirs,
          error: expect.objectContaining({ message: 'no paper' }),
        }),
      ]),
    );
    expect(await engine.stored?.retry(failed)).toBe(2);
    await host.until(() => host.runs.length === 4);
    while ((await queue.getFailedCount()) > 0) await pause();
  });

  it('that cannot run again do not take the key of the next one', async () => {
    const { queue, engine: newEngine } = open();
    const [engine, host] = [newEngine(), new TestHost()];
    host.answer = (_job, attempt) =>
      attempt === 1
        ? { status: 'failed', error: new Error('once') }
        : { status: 'done', result: '[]', keepMs: 3_600_000 };
    await engine.start(host);
    const job = newJob({ key: 'order:1' });
    await engine.enqueue([job]);
    const find = async () => engine.stored?.find(job.id);
    while ((await find())?.status !== 'failed') await pause();
    const failed = (await find())!;
    expect(await engine.stored?.retry([failed])).toBe(1);
    while ((await find())?.status !== 'succeeded') await pause();

    expect(await engine.stored?.retry([failed])).toBe(0);
    const key = JSON.stringify([job.task, job.key]);
    expect(await queue.getDeduplicationJobId(key)).toBeNull();
  });
});
