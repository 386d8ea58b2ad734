import { afterEach, expect, it, jest } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { newJob, TestHost, timed } from './support/engine-bench.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';

jest.setTimeout(30_000);

const engines: DurableEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop(100)));
  await RedisServer.removeAll();
});

function engineOn(
  { connection }: RedisServer,
  options: Omit<BullmqEngineOptions, 'connection'> = {},
): DurableEngine {
  const engine = bullmqEngine({ connection, enqueueTimeout: 300, ...options });
  engines.push(engine);
  return engine;
}

/** Resolves when jobs can be stored again. */
async function backAgain(engine: DurableEngine): Promise<void> {
  for (;;) {
    try {
      await engine.enqueue([newJob({ task: 'probe' })]);
      return;
    } catch {
      await new Promise(setImmediate);
    }
  }
}

describeWithRedisServer('the engine over BullMQ, when Redis', () => {
  it('is not there at the start, starts all the same, says so once, and works when it comes', async () => {
    const server = await RedisServer.create();
    const engine = engineOn(server);
    const host = new TestHost();
    expect(await timed(engine.start(host))).toBeLessThan(3_000);
    await expect(engine.enqueue([newJob()])).rejects.toThrow(
      /^Redis cannot be reached: .*ECONNREFUSED/,
    );

    await server.start();
    await host.until(() => host.warnings.length > 0);
    const job = newJob();
    await backAgain(engine);
    await engine.enqueue([job]);
    await host.until(() => host.runs.some((run) => run.job.id === job.id));
    expect(host.errors).toEqual([
      expect.stringMatching(/^Redis cannot be reached: .*ECONNREFUSED/),
    ]);
    expect(host.warnings).toEqual([
      expect.stringMatching(/^Redis can be reached again, after \d+\.\d s/),
    ]);
  });

  it('dies, rejects within the time for it, then at once, and goes on where it was afterwards', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server, { worker: { concurrency: 1 } });
    const host = new TestHost();
    await engine.start(host);
    const early = newJob();
    let finish!: () => void;
    host.answer = async (job) => {
      if (job.id === early.id) await new Promise<void>((r) => (finish = r));
      return { status: 'done' };
    };
    const waiting = newJob();
    await engine.enqueue([early, waiting]);
    await host.until(() => host.runs.length === 1);

    await server.kill();
    const first = engine.enqueue([newJob()]);
    expect(await timed(first)).toBeLessThan(1_500);
    await expect(first).rejects.toThrow(/Redis cannot be reached/);
    expect(await timed(engine.enqueue([newJob()]))).toBeLessThan(100);
    expect(await timed(engine.cancel(waiting.id))).toBeLessThan(100);
    // What it ended with is told when Redis is back.
    finish();
    await server.start();
    await host.until(() => host.runs.some((run) => run.job.id === waiting.id));
    await backAgain(engine);
    expect(host.runs.filter((run) => run.job.id === early.id)).toHaveLength(1);
    expect(host.errors).toHaveLength(1);
  });

  it('is frozen, rejects in time, and works when it goes on', async () => {
    const server = await RedisServer.start();
    const engine = engineOn(server);
    const host = new TestHost();
    await engine.start(host);
    await engine.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);

    server.freeze();
    const frozen = engine.enqueue([newJob()]);
    expect(await timed(frozen)).toBeLessThan(1_500);
    await expect(frozen).rejects.toThrow(
      'Redis has not answered within 300 ms',
    );
    const second = engine.enqueue([newJob()]);
    expect(await timed(second)).toBeLessThan(1_500);
    await expect(second).rejects.toThrow(/Redis/);
    expect(await timed(engine.enqueue([newJob()]))).toBeLessThan(100);

    server.thaw();
    await backAgain(engine);
    const job = newJob();
    await engine.enqueue([job]);
    await host.until(() => host.runs.some((run) => run.job.id === job.id));
  });

  it('is frozen at the start, starts all the same', async () => {
    const server = await RedisServer.start();
    server.freeze();
    const engine = engineOn(server);
    const host = new TestHost();
    expect(await timed(engine.start(host))).toBeLessThan(3_000);
    expect(await timed(engine.enqueue([newJob()]))).toBeLessThan(1_000);
    server.thaw();
    await backAgain(engine);
    await host.until(() => host.runs.length > 0);
  });

  it.each(['down', 'frozen', 'down from the start'])(
    'is %s, stops in its time, as often as it is told to',
    async (how) => {
      const server = await RedisServer.create();
      const host = new TestHost();
      host.answer = () => new Promise(() => {});
      const engine = engineOn(server);
      if (how !== 'down from the start') await server.start();
      await engine.start(host);
      if (how !== 'down from the start') {
        await engine.enqueue([newJob()]);
        await host.until(() => host.runs.length === 1);
      }
      if (how === 'down') await server.kill();
      if (how === 'frozen') server.freeze();
      await engine.pause();
      expect(await timed(engine.stop(300))).toBeLessThan(1_500);
      expect(await timed(engine.stop(300))).toBeLessThan(100);
      await expect(engine.enqueue([newJob()])).rejects.toThrow(/stopped/);
    },
  );

  it.each(['down', 'frozen'])(
    'is %s and nothing runs, stops soon',
    async (how) => {
      const server = await RedisServer.start();
      const engine = engineOn(server);
      await engine.start(new TestHost());
      await engine.enqueue([]);
      if (how === 'down') await server.kill();
      else server.freeze();
      await expect(engine.enqueue([newJob()])).rejects.toThrow();
      await engine.pause();
      expect(await timed(engine.stop(10_000))).toBeLessThan(3_000);
    },
  );
});
