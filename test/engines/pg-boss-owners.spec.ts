import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { DurableEngine, TaskJobOutcome } from 'nestjs-tasks';
import { pgBossEngine, type PgBossEngineOptions } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import { deferred } from '../support/deferred.js';
import { idsOf, newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { pause } from '../support/pause.js';

/** Ends when the engine says that the job is no longer this worker's. */
const untilLost: TestHost['answer'] = async (_job, _attempt, details) => {
  const { signal } = details ?? {};
  if (!signal?.aborted) {
    const fired = deferred();
    signal?.addEventListener('abort', () => fired.resolve());
    await fired.promise;
  }
  return { status: 'lost', error: signal?.reason as Error };
};

describeWithPostgres('the owner of a job in PostgreSQL', () => {
  const space = new PostgresSpace();
  const engines: DurableEngine[] = [];
  const pools: Pool[] = [];

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop(500)));
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  });
  afterAll(() => space.close());

  function open(options: PgBossEngineOptions) {
    const place =
      options.pool || options.connectionString
        ? {}
        : { connectionString: POSTGRES_URL };
    const engine = pgBossEngine({ ...place, ...options });
    engines.push(engine);
    return { engine, host: new TestHost() };
  }

  it('keeps it while jobs hold all connections of the pool that the engine was given', async () => {
    const schema = space.schema();
    const workers = [1, 2].map(() => {
      const pool = new Pool({ connectionString: POSTGRES_URL, max: 2 });
      pools.push(pool);
      const worker = { concurrency: 2, lostAfter: '1s' } as const;
      return { pool, ...open({ pool, schema, worker }) };
    });
    const finished = deferred();
    for (const { engine, host, pool } of workers) {
      host.answer = async () => {
        const client = await pool.connect();
        await finished.promise;
        client.release();
        return { status: 'done' };
      };
      await engine.start(host);
    }
    const [first] = workers;
    await first?.engine.enqueue([newJob(), newJob(), newJob(), newJob()]);
    const runs = () => workers.flatMap(({ host }) => host.runs);
    while (runs().length < 4) await pause();
    const { engine: other, host } = open({
      schema,
      worker: { lostAfter: '1s' },
    });
    // One that is sure to look for lost jobs, and has seen each of them more than once.
    await other.start(host);
    const lostBefore = `SELECT 1 FROM ${schema}.job WHERE state = 'active' AND started_on < now() - interval '3 seconds'`;
    while ((await space.query(lostBefore)).length < 4) await pause();
    expect([...runs(), ...host.runs]).toHaveLength(4);
    finished.resolve();
    while (
      (
        await space.query(
          `SELECT 1 FROM ${schema}.job WHERE state = 'completed'`,
        )
      ).length < 4
    );
    expect([...runs(), ...host.runs]).toHaveLength(4);
  });

  it('learns that another worker has it', async () => {
    const schema = space.schema();
    const [first, second] = [1, 2].map(() =>
      open({ schema, worker: { lostAfter: '1s' } }),
    ) as [ReturnType<typeof open>, ReturnType<typeof open>];
    const reasons: unknown[] = [];
    first.host.answer = async (...run) => {
      const outcome = await untilLost(...run);
      reasons.push((outcome as { error?: unknown }).error);
      return outcome;
    };
    await first.engine.start(first.host);
    const [id] = await idsOf(first.engine, [newJob()]);
    await first.host.until(() => first.host.runs.length === 1);
    const seen: (number | undefined)[] = [];
    second.host.answer = (_job, _attempt, details) => {
      seen.push(details?.failures);
      return { status: 'done' };
    };
    await second.engine.start(second.host);
    // Else it could be the first again that takes what follows, and waits to lose it.
    await first.engine.pause();
    // As if the first had been stopped for a while.
    await space.query(
      `UPDATE ${schema}.job SET state = 'retry', start_after = now() WHERE id = $1`,
      [id],
    );
    await second.engine.enqueue([newJob()]);
    await first.engine.stop(60_000);
    await second.host.until(() => second.host.runs.length === 2);
    expect(reasons).toEqual([expect.objectContaining({ code: 'TASK_LOST' })]);
    expect(second.host.runs).toContainEqual(
      expect.objectContaining({ attempt: 2 }),
    );
    // To be lost is not to fail.
    expect(seen).toEqual([0, 0]);
  });

  it('gives it back as started, and another one takes it at once', async () => {
    const schema = space.schema();
    const worker = { pollInterval: '1h' } as const;
    const [first, second] = [
      open({ schema, worker }),
      open({ schema, worker }),
    ];
    const going = deferred<TaskJobOutcome>();
    first.host.answer = () => going.promise;
    await first.engine.start(first.host);
    await first.engine.enqueue([newJob()]);
    await first.host.until(() => first.host.runs.length === 1);
    await second.engine.start(second.host);
    await first.engine.pause();
    await second.engine.enqueue([newJob()]);
    await second.host.until(() => second.host.runs.length === 1);
    going.resolve({ status: 'returned' });
    await second.host.until(() => second.host.runs.length === 2);
    expect(second.host.runs[1]?.attempt).toBe(2);
  });

  it('is compared by the times of the server, whatever the format of its dates', async () => {
    const schema = space.schema();
    const zone = encodeURIComponent(
      '-c DateStyle=SQL,DMY -c TimeZone=Asia/Kolkata',
    );
    const worker = { lostAfter: '1s' } as const;
    const connectionString = `${POSTGRES_URL}?options=${zone}`;
    const [first, second] = [1, 2].map(() =>
      open({ connectionString, schema, worker }),
    ) as [ReturnType<typeof open>, ReturnType<typeof open>];
    const finished = deferred();
    for (const { engine, host } of [first, second]) {
      host.answer = async () => {
        await finished.promise;
        return { status: 'done' };
      };
      await engine.start(host);
    }
    await first.engine.enqueue([newJob()]);
    const ran = `SELECT 1 FROM ${schema}.job WHERE state = 'active' AND started_on < now() - interval '3 seconds'`;
    while ((await space.query(ran)).length === 0) await pause();
    finished.resolve();
    const done = `SELECT 1 FROM ${schema}.job WHERE state = 'completed'`;
    while ((await space.query(done)).length === 0) await pause();
    expect([...first.host.runs, ...second.host.runs]).toHaveLength(1);
  });

  it('is nobody while none knows it: it is put back with growing pauses, uncounted, and kept in the end', async () => {
    const schema = space.schema();
    const { engine, host } = open({ schema, unknownFor: '5s' });
    const error = new Error('no such task');
    host.answer = () => ({ status: 'unknown', error });
    await engine.start(host);
    const [id] = await idsOf(engine, [newJob()]);
    const state = `SELECT state::text, output->>'message' AS message FROM ${schema}.job WHERE id = $1`;
    while ((await space.query(state, [id]))[0]?.['state'] !== 'failed')
      await pause();
    expect(await space.query(state, [id])).toEqual([
      { state: 'failed', message: 'no such task' },
    ]);
    expect(host.runs.length).toBeGreaterThan(2);
    expect(new Set(host.runs.map(({ attempt }) => attempt))).toEqual(
      new Set([1]),
    );
  });
});
