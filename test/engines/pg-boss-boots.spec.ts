import { afterAll, afterEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { DurableEngine } from 'nestjs-tasks';
import { pgBossEngine, type PgBossEngineOptions } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import { newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { pause } from '../support/pause.js';

/** The same server, with other parts of its address. */
function urlWith(parts: Partial<URL>): string {
  return Object.assign(new URL(POSTGRES_URL), parts).href;
}

describeWithPostgres('an engine in PostgreSQL', () => {
  const space = new PostgresSpace();
  const engines: DurableEngine[] = [];

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop(2_000)));
  });
  afterAll(() => space.close());

  function open(options: PgBossEngineOptions) {
    const engine = pgBossEngine(options);
    engines.push(engine);
    return engine;
  }

  it.each<[string, () => PgBossEngineOptions, RegExp]>([
    [
      'a database that does not exist',
      () => ({ connectionString: urlWith({ pathname: '/nowhere' }) }),
      /database "nowhere" does not exist.*Create the database/,
    ],
    [
      'such a database in discrete options',
      () => ({
        host: new URL(POSTGRES_URL).hostname,
        user: 'postgres',
        database: 'nowhere',
      }),
      /database "nowhere" does not exist/,
    ],
    [
      'an address that cannot be parsed',
      () => ({ connectionString: 'postgres://me:pass#word@host:one/db' }),
      /`connectionString` must be an address such as .* and cannot be parsed/,
    ],
    [
      'a schema with a reserved name',
      () => ({ connectionString: POSTGRES_URL, schema: 'order' }),
      /`schema` must be a name that PostgreSQL does not reserve, got 'order'/,
    ],
    [
      'a schema of the system',
      () => ({ connectionString: POSTGRES_URL, schema: 'pg_tasks' }),
      /`schema` must be a name that PostgreSQL does not reserve, got 'pg_tasks'/,
    ],
  ])('does not start on %s', async (_what, options, message) => {
    const engine = open(options());
    const host = new TestHost();
    const started = engine.start(host);
    await expect(started).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
      message: expect.stringMatching(message) as unknown,
    });
    const error = await started.catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 10 })).not.toContain('pass#word');
    // It is no outage: nothing keeps retrying.
    expect(host.errors).toEqual([]);
  });

  it('starts when the password is wrong, as it may be rotated, and shows it nowhere', async () => {
    const engine = open({
      host: '127.0.0.1',
      port: 1,
      user: 'postgres',
      password: 'pass#word',
      enqueueTimeout: '30s',
    });
    const host = new TestHost();
    await engine.start(host);
    const error = await engine.enqueue([newJob()]).catch((thrown) => thrown);
    expect(inspect(error, { depth: 10 })).toContain('ECONNREFUSED');
    expect(inspect([error, host], { depth: 10 })).not.toContain('pass#word');
  });

  it.each<[string, (name: string) => PgBossEngineOptions & { pool?: Pool }]>([
    [
      'connections of its own',
      (name) => ({
        connectionString: `${POSTGRES_URL}?application_name=${name}`,
      }),
    ],
    [
      'a pool',
      (name) => ({
        pool: new Pool({
          connectionString: POSTGRES_URL,
          application_name: name,
        }),
      }),
    ],
  ])(
    'has a life of its own in each application, in turn and at once: %s',
    async (_what, optionsOf) => {
      const name = `life_${randomUUID().replaceAll('-', '')}`;
      const options = optionsOf(name);
      const schema = space.schema();
      const shared = pgBossEngine({ ...options, schema });
      const lives = [1, 2, 3].map(() => {
        const host = new TestHost();
        const engine = shared.open?.() ?? shared;
        engines.push(engine);
        return { host, engine };
      });
      const [first, second, third] = lives as [
        (typeof lives)[0],
        (typeof lives)[0],
        (typeof lives)[0],
      ];
      const runs = () => lives.flatMap(({ host }) => host.runs).length;
      const runsOne = async ({ engine }: (typeof lives)[0]) => {
        const before = runs();
        await engine.enqueue([newJob()]);
        while (runs() === before) await pause();
      };
      await first.engine.start(first.host);
      await runsOne(first);
      await second.engine.start(second.host);
      await first.engine.stop(5_000);
      await runsOne(second);
      await third.engine.start(third.host);
      await second.engine.stop(5_000);
      await runsOne(third);
      await third.engine.stop(5_000);
      await options.pool?.end();
      const connections = `SELECT 1 FROM pg_stat_activity WHERE application_name = $1`;
      while ((await space.query(connections, [name])).length > 0) await pause();
      await expect(first.engine.enqueue([newJob()])).rejects.toThrow();
    },
  );

  it('ends its connections when it is stopped while it starts', async () => {
    const name = `life_${randomUUID().replaceAll('-', '')}`;
    const connectionString = `${POSTGRES_URL}?application_name=${name}`;
    const engine = open({ connectionString, schema: space.schema() });
    const starting = engine.start(new TestHost());
    await engine.stop(10_000);
    await starting;
    const connections = `SELECT 1 FROM pg_stat_activity WHERE application_name = $1`;
    while ((await space.query(connections, [name])).length > 0) await pause();
  });
});
