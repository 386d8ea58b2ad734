import { afterEach, expect, it } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { deferred } from '../support/deferred.js';
import { SOON_MS } from '../support/soon.js';
import {
  backAgain,
  FEW_TURNS,
  newJob,
  TestHost,
  timed,
  turnsOf,
} from './support/engine-bench.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';

/** Long enough for a Redis that answers to do so on a busy machine. */
const ENQUEUE_TIMEOUT_MS = 2_000;

const engines: DurableEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop(100)));
  await RedisServer.removeAll();
});

function engineOn(
  { connection }: RedisServer,
  options: Omit<BullmqEngineOptions, 'connection'> = {},
): DurableEngine {
  const engine = bullmqEngine({
    connection,
    enqueueTimeout: ENQUEUE_TIMEOUT_MS,
    ...options,
  });
  engines.push(engine);
  return engine;
}

function holdUp(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describeWithRedisServer('the engine over BullMQ, when Redis', () => {
  it('dies, rejects within the time for it, then at once, and goes on where it was afterwards', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server, { worker: { concurrency: 1 } });
    const host = new TestHost();
    await engine.start(host);
    const early = newJob();
    const finished = deferred();
    host.answer = async (job) => {
      if (job.id === early.id) await finished.promise;
      return { status: 'done' };
    };
    const waiting = newJob();
    await engine.enqueue([early, waiting]);
    await host.until(() => host.runs.length === 1);

    await server.kill();
    // Until the connection is known to be lost, it might be sent.
    await host.until(() => host.errors.length > 0);
    const first = engine.enqueue([newJob()]);
    expect(await timed(first)).toBeLessThan(SOON_MS);
    await expect(first).rejects.toThrow(/Redis cannot be reached/);
    expect(await turnsOf(engine.enqueue([newJob()]))).toBeLessThan(FEW_TURNS);
    expect(await turnsOf(engine.cancel(waiting.id))).toBeLessThan(FEW_TURNS);
    // How it ended is stored when Redis is back.
    finished.resolve();
    await server.start();
    await host.until(() => host.runs.some((run) => run.job.id === waiting.id));
    await backAgain(engine);
    expect(host.runs.filter((run) => run.job.id === early.id)).toHaveLength(1);
    expect(host.errors).toHaveLength(1);
  });

  it('is frozen, rejects at once what was not sent, and says afterwards what was stored', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server, { worker: false });
    const host = new TestHost();
    await engine.start(host);
    await engine.enqueue([newJob()]);

    server.freeze();
    const [early, late] = [newJob(), newJob()];
    const sent = engine.enqueue([early]);
    // It cannot know yet, but is an outage from then on.
    await host.until(() => host.errors.length > 0);
    expect(await turnsOf(engine.enqueue([late]))).toBeLessThan(FEW_TURNS);
    await expect(engine.enqueue([late])).rejects.toThrow(
      `Redis has not answered within ${ENQUEUE_TIMEOUT_MS} ms`,
    );
    await expect(engine.cancel(early.id)).rejects.toThrow(/not answered/);
    server.thaw();
    expect(await sent).toEqual([early.id]);
    expect(await engine.cancel(early.id)).toBe(true);
    expect(await engine.cancel(late.id)).toBe(false);
    expect(host.errors).toEqual([expect.stringMatching(/^Redis cannot be/)]);
    expect(host.warnings).toEqual([expect.stringMatching(/reached again/)]);
  });

  it('is killed with what was sent, says afterwards whether it was stored', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server, { worker: false });
    const host = new TestHost();
    await engine.start(host);
    await engine.enqueue([newJob()]);

    server.freeze();
    const job = newJob();
    const sent = engine.enqueue([job, newJob({ key: 'k' })]);
    await host.until(() => host.errors.length > 0);
    await server.kill();
    await server.start();
    expect(await sent).toEqual([
      expect.objectContaining({ name: expect.any(String) as unknown }),
      expect.any(Error),
    ]);
    await backAgain(engine);
    expect(await engine.cancel(job.id)).toBe(false);
  });

  it('answers in time, is not taken for dead by a process that was held up', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server, { worker: false, enqueueTimeout: 200 });
    await engine.start(new TestHost());
    await backAgain(engine);
    const [stored, removed] = [newJob(), newJob()];
    await backAgain(engine);
    const storing = engine.enqueue([stored]);
    holdUp(2_000);
    await storing;
    const removing = engine.cancel(removed.id);
    holdUp(2_000);
    expect(await removing).toBe(false);
  });

  it.each(['down', 'frozen'])(
    'is %s and nothing runs, stops soon',
    async (how) => {
      const server = await RedisServer.start();
      const engine = engineOn(server);
      const host = new TestHost();
      await engine.start(host);
      await engine.enqueue([]);
      if (how === 'down') await server.kill();
      else server.freeze();
      const unsettled = engine.enqueue([newJob()]).catch((error) => error);
      await host.until(() => host.errors.length > 0);
      await engine.pause();
      expect(await timed(engine.stop(30_000))).toBeLessThan(SOON_MS);
      expect(await unsettled).toBeInstanceOf(Error);
      await expect(engine.enqueue([newJob()])).rejects.toThrow(/stopped/);
    },
  );
});
