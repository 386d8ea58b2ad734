import { afterAll, afterEach, expect, it } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import {
  fromPg,
  pgBossEngine,
  type PgBossEngineOptions,
} from 'nestjs-tasks/pg-boss';
import type { PoolClient } from 'pg';
import { SOON_MS } from '../support/soon.js';
import { idsOf, newJob, TestHost, timed } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

const isError = (result: string | Error) => result instanceof Error;

describeWithPostgres('storing in PostgreSQL', () => {
  const space = new PostgresSpace();
  const engines: DurableEngine[] = [];
  let holder: PoolClient | undefined;

  afterEach(async () => {
    await holder?.query('ROLLBACK');
    holder?.release();
    holder = undefined;
    await Promise.all(engines.splice(0).map((engine) => engine.stop(500)));
  });
  afterAll(() => space.close());

  async function open(options: PgBossEngineOptions = {}) {
    const schema = space.schema();
    const place = options.pool ? {} : { connectionString: POSTGRES_URL };
    const engine = pgBossEngine({
      ...place,
      schema,
      worker: false,
      ...options,
    });
    engines.push(engine);
    await engine.start(new TestHost());
    const count = async () =>
      (await space.query(`SELECT 1 FROM ${schema}.job`)).length;
    return { engine, schema, count };
  }

  /** Stores a job with a key in a transaction that stays open. */
  async function hold(engine: DurableEngine, key: string) {
    holder = await space.pool.connect();
    await holder.query('BEGIN');
    await engine.enqueue([newJob({ key })], fromPg(holder));
  }

  it.each<[string, () => PgBossEngineOptions]>([
    ['connections of its own', () => ({ maxConnections: 2 })],
    ['a pool', () => ({ pool: space.pool })],
  ])(
    'with a key that an open transaction holds concerns no other job, and ends at the server: %s',
    async (_where, options) => {
      const { engine, schema, count } = await open(options());
      await hold(engine, 'order:1');
      const blocked = Array.from({ length: 10 }, () =>
        engine.enqueue([newJob({ key: 'order:1' }), newJob()]),
      );
      const [id] = await idsOf(engine, [newJob({ key: 'order:2' })]);
      expect(id).toEqual(expect.any(String));
      for (const [keyed, other] of await Promise.all(blocked)) {
        expect(keyed).toBeInstanceOf(Error);
        expect(other).toEqual(expect.any(String));
      }
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%' AND pid <> pg_backend_pid()`;
      expect(await space.query(waiting)).toEqual([]);
      await holder?.query('COMMIT');
      expect(await count()).toBe(12);
    },
  );

  it('leaves out a job that the server refuses, and stores those beside it', async () => {
    const { engine, schema, count } = await open();
    await space.query(
      `ALTER TABLE ${schema}.job ADD CHECK (data->>'args' <> '[["secret"]]')`,
    );
    const jobs = ['[[1]]', '[["secret"]]', '[[2]]'].map((args) =>
      newJob({ args }),
    );
    const results = await engine.enqueue(jobs);
    expect(results.map(isError)).toEqual([false, true, false]);
    expect(await count()).toBe(2);
    expect(String((results[1] as Error).stack)).not.toContain('secret');
    expect(results[1]).toMatchObject({ code: '23514' });
  });

  it('rejects when none could be stored', async () => {
    const { engine, schema } = await open();
    await space.query(`ALTER TABLE ${schema}.job ADD CHECK (priority > 0)`);
    await expect(engine.enqueue([newJob(), newJob()])).rejects.toMatchObject({
      message: 'the server refused a value (SQLSTATE 23514)',
    });
  });

  it('many large jobs takes several statements, none of which is large', async () => {
    const sizes: number[] = [];
    const { engine, count } = await open({
      connectionString: undefined,
      enqueueTimeout: '10m',
      db: {
        executeSql: (text, values) => {
          if (text.includes('INSERT INTO') && values?.length) {
            sizes.push(String(values[0]).length);
          }
          return space.pool.query(text, values);
        },
      },
    });
    const args = JSON.stringify([['x'.repeat(250_000)]]);
    const jobs = Array.from({ length: 40 }, () => newJob({ args }));
    expect(await idsOf(engine, jobs)).toEqual(jobs.map(({ id }) => id));
    expect(await count()).toBe(40);
    expect(sizes.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...sizes)).toBeLessThan(1_500_000);
  });

  it('works with discrete options of the connection', async () => {
    const { hostname, port, username, password, pathname } = new URL(
      POSTGRES_URL,
    );
    const { engine, count } = await open({
      connectionString: undefined,
      host: hostname,
      port: Number(port || 5432),
      user: username,
      password: () => password,
      database: pathname.slice(1),
      ssl: false,
    });
    await engine.enqueue([newJob()]);
    expect(await count()).toBe(1);
  });

  it('ends in time when the table is locked, and nothing of it is stored later', async () => {
    const { engine, schema, count } = await open();
    holder = await space.pool.connect();
    await holder.query('BEGIN');
    await holder.query(`LOCK TABLE ${schema}.job IN ACCESS EXCLUSIVE MODE`);
    const stored = engine.enqueue([newJob()]);
    expect(await timed(stored)).toBeLessThan(SOON_MS);
    await expect(stored).rejects.toMatchObject({ code: '55P03' });
    await holder.query('COMMIT');
    await engine.enqueue([newJob()]);
    expect(await count()).toBe(1);
  });
});
