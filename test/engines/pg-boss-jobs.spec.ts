import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { DurableEngine, TaskJobOutcome } from 'nestjs-tasks';
import {
  pgBossEngine,
  type PgBossDatabase,
  type PgBossEngineOptions,
} from 'nestjs-tasks/pg-boss';
import { types } from 'pg';
import { deferred } from '../support/deferred.js';
import { idsOf, newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { pause } from '../support/pause.js';

describeWithPostgres('jobs of pg-boss', () => {
  const space = new PostgresSpace();
  const engines: DurableEngine[] = [];
  /** Of the engine that was opened last. */
  let lastSchema: string;

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop(500)));
  });
  afterAll(() => space.close());

  function open(options: Omit<PgBossEngineOptions, 'connectionString'> = {}) {
    const schema = options.schema ?? space.schema();
    lastSchema = schema;
    const place = options.db ? {} : { connectionString: POSTGRES_URL };
    const engine = pgBossEngine({
      enqueueTimeout: '30s',
      ...place,
      ...options,
      schema,
    });
    engines.push(engine);
    return { engine, host: new TestHost(), schema };
  }

  /** What the table says once the engine has told it all. */
  async function rowsAfter(engine: DurableEngine) {
    await engine.stop(5_000);
    return space.query(
      `SELECT id, state::text, output, data, retry_count FROM ${lastSchema}.job WHERE name = 'nestjs-tasks'`,
    );
  }

  it.each(['failed', 'refused'] as const)(
    'that have %s are kept, with the error',
    async (status) => {
      const { engine, host } = open();
      const error = new TypeError('no \0 such \uD800 user');
      host.answer = () => ({ status, error });
      await engine.start(host);
      const job = newJob({ task: 'mail' });
      await engine.enqueue([job]);
      await host.until(() => host.runs.length === 1);
      expect(await rowsAfter(engine)).toEqual([
        {
          id: job.id,
          state: 'failed',
          data: job,
          retry_count: 0,
          output: {
            name: 'TypeError',
            message: 'no  such \uFFFD user',
            stack: expect.stringContaining('pg-boss-jobs.spec') as unknown,
          },
        },
      ]);
    },
  );

  it('that are done are completed, and leave after `keepFinished`', async () => {
    // Longer than a timer can be.
    const { engine, host } = open({ keepFinished: '90d' });
    await engine.start(host);
    await engine.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);
    expect(await rowsAfter(engine)).toMatchObject([{ state: 'completed' }]);
    expect(
      await space.query(`SELECT deletion_seconds AS s FROM ${lastSchema}.job`),
    ).toEqual([{ s: 90 * 86_400 }]);
  });

  it('run in an application that has changed how `jsonb` and lists are parsed', async () => {
    const changed = [3802, 2951].map((oid) => {
      const parser = types.getTypeParser(oid);
      types.setTypeParser(oid, (text) => text);
      return () => types.setTypeParser(oid, parser);
    });
    try {
      const { engine, host } = open({ worker: { lostAfter: '1s' } });
      const running = deferred<TaskJobOutcome>();
      host.answer = () => running.promise;
      await engine.start(host);
      const job = newJob();
      await engine.enqueue([job]);
      await host.until(() => host.runs.length === 1);
      expect(host.runs[0]?.job).toEqual(job);
      const beats = `SELECT 1 FROM ${lastSchema}.job WHERE heartbeat_on > started_on + interval '1 second'`;
      while ((await space.query(beats)).length === 0);
      expect(host.runs[0]?.signal?.aborted).toBe(false);
      running.resolve({ status: 'done' });
      expect(await rowsAfter(engine)).toMatchObject([{ state: 'completed' }]);
    } finally {
      for (const restore of changed) restore();
    }
  });

  it('that wait are not given up by pg-boss, nor those that run long', async () => {
    const { engine, schema } = open({ worker: false });
    await engine.enqueue([newJob(), newJob({ key: 'k' })]);
    expect(
      await space.query(`
        SELECT DISTINCT keep_until > now() + interval '60 years' AS is_kept,
          expire_seconds > 60 * 365 * 86400 AS runs_long
        FROM ${schema}.job`),
    ).toEqual([{ is_kept: true, runs_long: true }]);
  });

  it('are stored by one statement, however many they are', async () => {
    const statements: string[] = [];
    const db: PgBossDatabase = {
      executeSql: (text, values) => {
        statements.push(text);
        return space.pool.query(text, values);
      },
    };
    const { engine } = open({ db, worker: false });
    await engine.start(new TestHost());
    for (const key of [undefined, 'k']) {
      statements.length = 0;
      await engine.enqueue(Array.from({ length: 5 }, () => newJob({ key })));
      expect(statements).toEqual([expect.stringMatching(/INSERT INTO/)]);
    }
    // Neither notifications nor an own pool: jobs are found by looking.
    const worker = open({
      db,
      schema: lastSchema,
      worker: { pollInterval: 20 },
    });
    await worker.engine.start(worker.host);
    await worker.host.until(() => worker.host.runs.length === 6);
  });

  it('cannot be in a queue whose name is that of a mark', async () => {
    const message =
      /`queue` must not end in \/paused, \/changes or \/declarers .* got "mail\/paused"/;
    const refused = {
      code: 'TASK_INVALID_OPTION',
      message: expect.stringMatching(message) as unknown,
    };
    const { engine } = open();
    const declaring = Object.assign(new TestHost(), {
      queues: ['default', 'mail/paused'],
    });
    await expect(engine.start(declaring)).rejects.toMatchObject(refused);
    const working = open({ worker: { queues: { 'mail/paused': 1 } } });
    await expect(working.engine.start(working.host)).rejects.toMatchObject(
      refused,
    );
    const storing = open({ worker: false });
    await storing.engine.start(storing.host);
    await expect(
      storing.engine.enqueue([newJob({ queue: 'mail/paused' })]),
    ).rejects.toMatchObject(refused);
    expect(() => open({ queue: 'mail/paused' })).toThrow(message);
  });

  it('of a backlog are run without pauses, although one notification came', async () => {
    const { engine, schema } = open({ worker: false });
    await engine.enqueue(Array.from({ length: 1_000 }, () => newJob()));
    const worker = open({
      schema,
      worker: { concurrency: 5, pollInterval: '1h' },
    });
    await worker.engine.start(worker.host);
    await worker.host.until(() => worker.host.runs.length === 1_000);
  });

  it('that end at once are followed by as many, with one statement', async () => {
    const sizes: number[] = [];
    const db: PgBossDatabase = {
      executeSql: async (text, values) => {
        const result = await space.pool.query<object>(text, values);
        // Several statements at once have several results.
        const { rows = [] } = result as { rows?: object[] };
        const [first] = rows;
        if (text.includes('SKIP LOCKED') && first && 'data' in first) {
          sizes.push(rows.length);
        }
        return result;
      },
    };
    const { engine, host } = open({ db, worker: { concurrency: 10 } });
    let full = deferred();
    host.answer = async () => {
      const place = host.runs.length % 10;
      if (place === 0) {
        full.resolve();
        full = deferred();
      } else {
        await full.promise;
      }
      // In the same turn, but not in the same microtask.
      for (let left = place * 10; left > 0; left -= 1) await Promise.resolve();
      return { status: 'done' };
    };
    await engine.enqueue(Array.from({ length: 30 }, () => newJob()));
    await engine.start(host);
    await host.until(() => host.runs.length === 30);
    expect(sizes).toEqual([10, 10, 10]);
  });

  it('are heard of by other processes at once, on their own connections or a pool', async () => {
    const { engine, host, schema } = open({ worker: false });
    await engine.start(host);
    for (const place of [
      { connectionString: POSTGRES_URL },
      { pool: space.pool },
    ]) {
      const worker = pgBossEngine({
        enqueueTimeout: '30s',
        ...place,
        schema,
        worker: { pollInterval: '1m' },
      });
      engines.push(worker);
      const workerHost = new TestHost();
      await worker.start(workerHost);
      // It looks once before it waits, so that only the third comes by a notification for sure.
      for (let count = 1; count <= 3; count += 1) {
        await engine.enqueue([newJob()]);
        await workerHost.until(() => workerHost.runs.length === count);
      }
      await worker.stop(500);
    }
  });

  it('are run once by two workers', async () => {
    const first = open();
    const second = open({ schema: first.schema });
    await Promise.all([
      first.engine.start(first.host),
      second.engine.start(second.host),
    ]);
    const jobs = Array.from({ length: 300 }, () => newJob());
    await first.engine.enqueue(jobs);
    const ran = () => [...first.host.runs, ...second.host.runs];
    while (ran().length < 300) {
      await Promise.race(
        [first, second].map(({ host }) => {
          const known = host.runs.length;
          return host.until(() => host.runs.length > known);
        }),
      );
    }
    await Promise.all([first.engine.stop(5_000), second.engine.stop(5_000)]);
    expect(
      ran()
        .map(({ job }) => job.id)
        .toSorted(),
    ).toEqual(jobs.map(({ id }) => id).toSorted());
  });

  it('with a key hold it while they wait, also for a further attempt, and not while they run', async () => {
    const { engine, host } = open({ worker: { concurrency: 1 } });
    const first = newJob({ key: 'user:1' });
    const ids: (readonly string[])[] = [];
    const outcomes: TaskJobOutcome[] = [
      { status: 'retry', afterMs: 600_000, error: new Error('later') },
    ];
    const during = newJob({ key: 'user:1' });
    host.answer = async ({ id }) => {
      if (id !== first.id) return { status: 'done' };
      ids.push(await idsOf(engine, [during]));
      ids.push(await idsOf(engine, [newJob({ key: 'user:1' })]));
      return outcomes[0] ?? { status: 'done' };
    };
    ids.push(await idsOf(engine, [first]));
    await engine.start(host);
    await host.until(() => host.runs.length === 2);
    expect(host.runs.map(({ job }) => job.id)).toEqual([first.id, during.id]);
    expect(ids[1]).toEqual([during.id]);
    expect(ids[2]).toEqual([during.id]);
    // The first waits for ten minutes once the table says so, and the other one is done.
    const stateOfFirst = `SELECT state::text FROM ${lastSchema}.job WHERE data->>'id' = $1`;
    while (
      (await space.query(stateOfFirst, [first.id]))[0]?.['state'] !== 'retry'
    )
      await pause();
    expect(await engine.enqueue([newJob({ key: 'user:1' })])).toEqual(ids[0]);
    expect(await engine.cancel(ids[0]?.[0] ?? '')).toBe(true);
  });

  it('may be stored with the same key by many at once: one of them is', async () => {
    const { engine, host, schema } = open({ worker: false });
    await engine.start(host);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => engine.enqueue([newJob({ key: 'x' })])),
    );
    const rows = await space.query(`SELECT id FROM ${schema}.job`);
    expect(rows).toHaveLength(1);
    expect(new Set(answers.flat())).toEqual(new Set([rows[0]?.['id']]));
  });

  it('with a key do not wait behind a blocked one of other software', async () => {
    const { engine, schema } = open({ worker: false });
    const [stray] = await idsOf(engine, [newJob({ key: 'order:1' })]);
    for (const policy of ['short', 'standard']) {
      await space.query(
        `UPDATE ${schema}.job SET blocked = true, policy = $2 WHERE id = $1`,
        [stray, policy],
      );
      const ids = await Promise.all(
        [1, 2].map(() => idsOf(engine, [newJob({ key: 'order:1' })])),
      );
      expect(ids.flat()).not.toContain(stray);
      const waiting = `SELECT id FROM ${schema}.job WHERE NOT blocked AND state = 'created'`;
      expect(await space.query(waiting)).toHaveLength(1);
      await space.query(`DELETE FROM ${schema}.job WHERE NOT blocked`);
    }
  });

  it('take keys and names of any letters and any length', async () => {
    const { engine, host } = open();
    await engine.start(host);
    const jobs = ['\0', '\uD800', 'é/:', 'x'.repeat(10_000), '', "'; --"].map(
      (key) => newJob({ key, options: { name: key } }),
    );
    await engine.enqueue(jobs);
    await host.until(() => host.runs.length === jobs.length);
    const byId = (a: { id: string }, b: { id: string }) =>
      a.id.localeCompare(b.id);
    expect(host.runs.map(({ job }) => job).toSorted(byId)).toEqual(
      jobs.toSorted(byId),
    );
  });

  it('whose id is no UUID have one that is the same everywhere', async () => {
    const { engine } = open({ worker: false });
    const [id] = await idsOf(engine, [newJob({ id: 'welcome 1' })]);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/);
    expect(await engine.enqueue([newJob({ id: 'welcome 1' })])).toEqual([id]);
    expect(await engine.cancel(id ?? '')).toBe(true);
    expect(await engine.cancel('welcome 1')).toBe(false);
  });

  it('that run are not removed', async () => {
    const { engine, host } = open();
    let removed: boolean | undefined;
    host.answer = async ({ id }) => {
      removed = await engine.cancel(id);
      return { status: 'done' };
    };
    await engine.start(host);
    await engine.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);
    expect(await rowsAfter(engine)).toMatchObject([{ state: 'completed' }]);
    expect(removed).toBe(false);
  });

  it('that kill their workers are given up, kept and reported', async () => {
    const { engine, schema } = open({ worker: false });
    const [again, never] = [newJob(), newJob()];
    await engine.enqueue([again, never]);
    await space.query(
      `UPDATE ${schema}.job SET state = 'active', started_on = now(),
         heartbeat_on = now() - interval '1 minute',
         output = jsonb_build_object('lost', CASE WHEN id = $1 THEN 1 ELSE 2 END)`,
      [again.id],
    );
    const worker = open({ schema, worker: { lostAfter: '1s', maxLost: 2 } });
    await worker.engine.start(worker.host);
    await worker.host.until(() => worker.host.runs.length === 1);
    const rows = await rowsAfter(worker.engine);
    expect(worker.host.runs).toMatchObject([{ job: again, attempt: 2 }]);
    expect(rows.find(({ id }) => id === never.id)).toMatchObject({
      state: 'failed',
      output: { name: 'WorkerLost' },
    });
    expect(worker.host.errors).toEqual([
      `pg-boss: job ${never.id} is kept as failed, because each of the last 3 workers that ran it was lost.`,
    ]);
  });

  it('that come over a connection which was silent for too long are put back, and another one is used meanwhile', async () => {
    const thawed = deferred();
    const frozen = deferred();
    let isFrozen = false;
    const db: PgBossDatabase = {
      executeSql: async (text, values) => {
        const result = await space.pool.query(text, values);
        // Several statements in one text give several results, and no rows.
        const rows = (result as Partial<typeof result>).rows ?? [];
        if (isFrozen && text.includes('SKIP LOCKED') && rows.length > 0) {
          isFrozen = false;
          frozen.resolve();
          await thawed.promise;
        }
        return result;
      },
    };
    const { engine, host } = open({
      db,
      worker: { pollInterval: 50, lostAfter: '1m' },
    });
    await engine.start(host);
    isFrozen = true;
    const [first, second] = [newJob(), newJob()];
    await engine.enqueue([first]);
    await frozen.promise;
    await host.until(() => host.errors.length === 1);
    expect(host.errors[0]).toMatch(/has not answered within 5000 ms/);
    await engine.enqueue([second]);
    await host.until(() => host.runs.length === 1);
    thawed.resolve();
    await host.until(() => host.runs.length === 2);
    expect(host.runs).toMatchObject([
      { job: second, attempt: 1 },
      { job: first, attempt: 2 },
    ]);
  });

  it('that are delayed start then, by the clock of the server', async () => {
    const { engine, host, schema } = open({ worker: { pollInterval: 50 } });
    await engine.start(host);
    const delayed = [
      newJob({ delayMs: 700 }),
      newJob({ delayMs: 700, key: 'k' }),
      newJob({ dueAt: Date.now() + 700 }),
      newJob({ dueAt: Date.now() + 700, key: 'l' }),
    ];
    await engine.enqueue([...delayed, newJob({ delayMs: 3_600_000 })]);
    await engine.enqueue([newJob({ dueAt: 0 })]);
    await host.until(() => host.runs.length === 5);
    const early = `SELECT 1 FROM ${schema}.job WHERE started_on < start_after`;
    expect(await space.query(early)).toEqual([]);
    expect(host.runs.slice(1).map(({ job }) => job.id)).toEqual(
      expect.arrayContaining(delayed.map(({ id }) => id)),
    );
  });

  it('of another queue in the same schema are left alone', async () => {
    const one = open({ queue: 'one' });
    const two = open({ queue: 'two', schema: one.schema });
    await one.engine.start(one.host);
    await two.engine.start(two.host);
    const [a, b] = [newJob(), newJob()];
    await one.engine.enqueue([a]);
    await two.engine.enqueue([b]);
    await one.host.until(() => one.host.runs.length === 1);
    await two.host.until(() => two.host.runs.length === 1);
    expect(one.host.runs[0]?.job.id).toBe(a.id);
    expect(two.host.runs[0]?.job.id).toBe(b.id);
  });
});
