import { afterEach, expect, it, jest } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type BullmqEngineOptions } from 'nestjs-tasks/bullmq';
import { backAgain, idsOf, newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithRedisServer,
  RedisServer,
} from './support/redis-server.js';
import { TcpSwitch } from './support/tcp-switch.js';
import { pause } from '../support/pause.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  await RedisServer.removeAll();
});

async function start(
  options: BullmqEngineOptions,
): Promise<{ engine: DurableEngine; host: TestHost }> {
  const engine = bullmqEngine(options);
  ends.push(() => engine.stop(1_000));
  const host = new TestHost();
  await engine.start(host);
  return { engine, host };
}

/** Resolves when a job that was stored now has been run. */
async function runs(engine: DurableEngine, host: TestHost): Promise<void> {
  const job = newJob();
  await idsOf(engine, [job]);
  await host.until(() => host.runs.some((run) => run.job.id === job.id));
}

describeWithRedisServer('the engine over BullMQ, when Redis', () => {
  it('becomes a replica, goes to the new primary behind the same address, and says so', async () => {
    const [old, next] = [await RedisServer.start(), await RedisServer.start()];
    const address = await TcpSwitch.to(old.connection);
    ends.push(() => address.close());
    const { engine, host } = await start({ connection: address.connection });
    await runs(engine, host);

    const { host: nextHost, port } = next.connection;
    await old.ask('replicaof', nextHost, `${port}`);
    // It is a replica, and so refuses what is to be written.
    const early = engine.enqueue([newJob()]).catch(() => {});
    await host.until(() => host.errors.length > 0);
    address.target = next.connection;
    await early;
    await backAgain(engine);
    await runs(engine, host);
    // A connection that learns it after the others are back has an outage of its own.
    await host.until(() => host.warnings.length === host.errors.length);
    for (const error of host.errors) {
      expect(error).toMatch(
        /^Redis cannot be reached: .*(?:READONLY|replica|UNBLOCKED)/,
      );
    }
    for (const warning of host.warnings) {
      expect(warning).toMatch(/reached again/);
    }
  });

  it('is a cluster, keeps each queue on one of its nodes', async () => {
    const cluster = await startCluster();
    const { engine, host } = await start({ connection: cluster });
    await runs(engine, host);
    const { engine: other, host: otherHost } = await start({
      connection: cluster,
      prefix: 'mine{x}',
    });
    otherHost.answer = (_job, attempt) =>
      attempt === 1
        ? { status: 'retry', afterMs: 1, error: new Error('again') }
        : { status: 'done' };
    const jobs = Array.from({ length: 5 }, () => newJob({ key: 'k' }));
    await idsOf(other, jobs);
    await otherHost.until(() => otherHost.runs.length >= 2);
    expect(host.runs).toHaveLength(1);
    expect([...host.errors, ...otherHost.errors]).toEqual([]);
    expect(() => bullmqEngine({ connection: cluster, prefix: 'mine' })).toThrow(
      /`prefix` must have a part in braces/,
    );
  });

  it('is found through a sentinel, stores and runs', async () => {
    const primary = await RedisServer.start();
    const sentinel = await primary.startSentinel();
    const { engine, host } = await start({
      connection: { sentinels: [sentinel.connection], name: 'primary' },
    });
    await runs(engine, host);
    expect(host.errors).toEqual([]);
  });

  it('does not let its user send INFO, runs all the same', async () => {
    const server = await RedisServer.start();
    await server.ask(
      'acl',
      'setuser',
      'app',
      'on',
      '>secret',
      '~*',
      '&*',
      '+@all',
      '-@dangerous',
    );
    const { engine, host } = await start({
      connection: { ...server.connection, username: 'app', password: 'secret' },
    });
    await runs(engine, host);
    expect(host.errors).toEqual([]);
  });

  it('refuses to give jobs to its user, asks it once a second and says so once', async () => {
    const server = await RedisServer.start();
    await server.ask(
      'acl',
      'setuser',
      'app',
      'on',
      '>secret',
      '~*',
      '&*',
      '+@all',
      '-evalsha',
      '-eval',
    );
    const { engine, host } = await start({
      connection: { ...server.connection, username: 'app', password: 'secret' },
    });
    await host.until(() => host.errors.length > 0);
    const [refused] = await engine.enqueue([newJob()]);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/NOPERM/) as unknown,
    });
    const since = performance.now();
    const before = await refusalsBy(server);
    while ((await refusalsBy(server)) < before + 6) await pause();
    expect(performance.now() - since).toBeGreaterThan(1_500);
    expect(host.errors).toHaveLength(1);

    await server.ask('acl', 'setuser', 'app', '+@all');
    await backAgain(engine);
    await runs(engine, host);
  });

  it('does not accept the password, keeps trying, and says so once and without it', async () => {
    const server = await RedisServer.start({ requirepass: 'right' });
    const { engine, host } = await start({
      connection: { ...server.connection, password: 'hunter2' },
      enqueueTimeout: '1s',
    });
    await host.until(() => host.errors.length > 0);
    const failure = await engine
      .enqueue([newJob()])
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/WRONGPASS/) as unknown,
    });
    expect(everythingOf(failure)).not.toContain('hunter2');
    const admin = new Redis({ ...server.connection, password: 'right' });
    await admin.config('SET', 'requirepass', 'hunter2');
    admin.disconnect();
    await backAgain(engine);
    await runs(engine, host);
    await host.until(() => host.warnings.length > 0);
    expect(host.errors).toEqual([expect.stringMatching(/WRONGPASS/)]);
    expect(everythingOf(host.logged)).not.toContain('hunter2');
  });

  it('is still being connected to, leaves no timer behind when the engine is stopped', async () => {
    const server = await RedisServer.start();
    const { engine } = await start({ connection: server.connection });
    const setTimeouts = jest.spyOn(globalThis, 'setTimeout');
    ends.push(() => setTimeouts.mockRestore());
    await engine.stop(1_000);
    const delays = setTimeouts.mock.calls.map(([, delayMs = 0]) => delayMs);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_000);
  });

  it('has no such database, fails to start', async () => {
    const server = await RedisServer.start();
    const engine = bullmqEngine({
      connection: { ...server.connection, db: 99 },
    });
    ends.push(() => engine.stop(100));
    await expect(engine.start(new TestHost())).rejects.toThrow(/DB index/);
  });

  it('is out of memory, does not show what it should have stored', async () => {
    const server = await RedisServer.start();
    const { engine, host } = await start({ connection: server.connection });
    await runs(engine, host);
    await server.ask('config', 'set', 'maxmemory', '1');
    const secret = newJob({ args: '[["4111-1111"]]' });
    const results = await engine.enqueue([secret, secret]);
    expect(results).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/^OOM/) as unknown,
      }),
      expect.objectContaining({
        message: expect.stringMatching(/^OOM/) as unknown,
      }),
    ]);
    expect(everythingOf(results)).not.toContain('4111');
    await server.ask('config', 'set', 'maxmemory', '0');
    await runs(engine, host);
    expect(everythingOf(host.logged)).not.toContain('4111');
  });

  it('is given with options that change what commands mean, runs as without them', async () => {
    const server = await RedisServer.start();
    const connection = new Redis({
      ...server.connection,
      lazyConnect: true,
      stringNumbers: true,
      commandTimeout: 1,
      socketTimeout: 200,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 3,
      readOnly: true,
      enableReadyCheck: false,
    });
    const { engine, host } = await start({ connection });
    host.answer = (_job, attempt) =>
      attempt === 1
        ? { status: 'retry', afterMs: 1_500, error: new Error('again') }
        : { status: 'done' };
    await idsOf(engine, [newJob({ key: 'k' })]);
    await host.until(() => host.runs.length === 2);
    expect(host.runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(host.errors).toEqual([]);
  });
});

async function refusalsBy(server: RedisServer): Promise<number> {
  const errors = String(await server.ask('info', 'errorstats'));
  return Number(/errorstat_NOPERM:count=(\d+)/.exec(errors)?.[1]);
}

/** All that can be reached from a value, as an inspecting logger would print it. */
function everythingOf(value: unknown, met = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (met.has(value)) return '';
  met.add(value);
  return Reflect.ownKeys(value)
    .map((key) => everythingOf(Reflect.get(value, key), met))
    .join('\n');
}

/** Three nodes with a third of the slots each. */
async function startCluster(): Promise<Cluster> {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, () =>
      RedisServer.start({ 'cluster-enabled': 'yes' }),
    ),
  );
  const [first] = nodes as [RedisServer];
  const slots = [0, 5_461, 10_923, 16_384];
  await Promise.all(
    nodes.map(async (node, index) => {
      const [from = 0, to = 0] = slots.slice(index);
      await node.ask('cluster', 'addslotsrange', `${from}`, `${to - 1}`);
      if (node !== first) {
        const { host, port } = first.connection;
        await node.ask('cluster', 'meet', host, `${port}`);
      }
    }),
  );
  for (const node of nodes) {
    while (
      !/cluster_state:ok[^]*cluster_known_nodes:3/.test(
        String(await node.ask('cluster', 'info')),
      )
    ) {
      await pause();
    }
  }
  const cluster = new Cluster(
    nodes.map(({ connection }) => connection),
    { lazyConnect: true },
  );
  ends.push(() => cluster.disconnect());
  return cluster;
}
