import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Task, type AppTasks, type DurableEngine } from 'nestjs-tasks';
import {
  fromDrizzle,
  fromKysely,
  fromPg,
  fromPglite,
  fromPrisma,
  fromTypeOrm,
  pgBossEngine,
  type PgBossDatabase,
} from 'nestjs-tasks/pg-boss';
import { inspect } from 'node:util';
import { Client, Pool, type PoolClient } from 'pg';
import { fromKnex } from 'pg-boss';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { newJob, TestHost } from './support/engine-bench.js';
import { describeWithPgBoss } from './support/pg-boss-node.js';
import {
  describeWithPostgresServer,
  PostgresServer,
} from './support/postgres-server.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

@Injectable()
class Mail {
  @Task('mail', { durable: true })
  welcome(_user: number) {}

  @Task('tell', { durable: true })
  tell(_words: string) {}
}

/** The users of whom a task is stored, as the argument says. */
const STORED = (schema: string) =>
  `SELECT (data->>'args')::jsonb #>> '{args,0}' AS user FROM ${schema}.job WHERE name = 'nestjs-tasks' ORDER BY 1`;

async function appWith(engine: DurableEngine): Promise<AppTasks> {
  const [platform] = platforms;
  if (!platform) throw new Error('no platform');
  const { tasks } = await createApp(platform, {
    tasks: { engine },
    providers: [Mail],
  });
  return tasks;
}

describeWithPostgres('the outbox over pg', () => {
  const space = new PostgresSpace();
  let schema: string;
  let tasks: AppTasks;
  let client: PoolClient;

  beforeAll(async () => {
    schema = space.schema();
    client = await space.pool.connect();
    tasks = await appWith(
      pgBossEngine({
        connectionString: POSTGRES_URL,
        schema,
        worker: false,
      }),
    );
    await client.query(`CREATE TABLE ${schema}.users (id integer UNIQUE)`);
  });
  afterEach(async () => {
    await client.query(
      `TRUNCATE ${schema}.users, ${schema}.job_common CASCADE`,
    );
  });
  afterAll(async () => {
    await closeApps();
    client.release();
    await space.close();
  });

  const stored = async () =>
    (await client.query<{ user: string }>(STORED(schema))).rows.map(
      ({ user }) => Number(user),
    );
  const insertUser = (user: number) =>
    client.query(`INSERT INTO ${schema}.users VALUES ($1)`, [user]);
  const schedule = (user: number, key?: string) =>
    tasks
      .task({ transaction: fromPg(client), key })
      .of(Mail)
      .welcome(user);

  it('stores a task with the transaction, when COMMIT follows at once', async () => {
    await client.query('BEGIN');
    void insertUser(1);
    const task = schedule(1);
    const keyed = schedule(2, 'welcome:2');
    void client.query('COMMIT');
    expect(await task.settled()).toEqual({
      status: 'enqueued',
      jobId: task.id,
    });
    expect(await keyed.settled()).toMatchObject({ status: 'enqueued' });
    expect(await stored()).toEqual([1, 2]);
  });

  it('stores none of a transaction that is rolled back, when ROLLBACK follows at once', async () => {
    await client.query('BEGIN');
    void insertUser(1);
    schedule(1);
    schedule(2, 'welcome:2');
    await client.query('ROLLBACK');
    expect(await stored()).toEqual([]);
  });

  it('stores none of a transaction that has failed, and the task fails', async () => {
    await insertUser(1);
    await client.query('BEGIN');
    const failed = insertUser(1);
    const task = schedule(1);
    const committed = client.query('COMMIT');
    await expect(failed).rejects.toThrow(/duplicate key/);
    await committed;
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        code: 'TASK_NOT_STORED',
        message: expect.stringContaining('transaction is aborted') as unknown,
      },
    });
    expect(await stored()).toEqual([]);
  });

  it('loses none and invents none, of many transactions that end either way', async () => {
    const committed: number[] = [];
    for (let user = 0; user < 200; user += 1) {
      // Without waiting for anything: the connection keeps the order.
      void client.query('BEGIN');
      void insertUser(user);
      schedule(user, user % 3 === 0 ? `welcome:${user}` : undefined);
      if ((user * 7919) % 10 < 6) {
        committed.push(user);
        void client.query('COMMIT');
      } else {
        void client.query('ROLLBACK');
      }
    }
    const { rows } = await client.query<{ id: number }>(
      `SELECT id FROM ${schema}.users ORDER BY id`,
    );
    expect(rows.map(({ id }) => id)).toEqual(committed);
    expect((await stored()).toSorted((a, b) => a - b)).toEqual(committed);
  });

  it('refuses a connection without a transaction: what it would store could not be undone', async () => {
    const task = schedule(1);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('is not in a transaction') as unknown,
      },
    });
    expect(await stored()).toEqual([]);
  });

  it('refuses a connection that another request has got from the pool meanwhile', async () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, max: 1 });
    const first = await pool.connect();
    await first.query('BEGIN');
    const transaction = fromPg(first);
    await first.query('ROLLBACK');
    first.release();
    const stranger = await pool.connect();
    await stranger.query('BEGIN');
    const task = tasks.task({ transaction }).of(Mail).welcome(1);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('is not in a transaction') as unknown,
      },
    });
    await stranger.query('COMMIT');
    stranger.release();
    await pool.end();
    expect(await stored()).toEqual([]);
  });

  it('refuses a transaction of another adapter that is over', async () => {
    const transaction = { executeSql: client.query.bind(client) as never };
    const task = tasks.task({ transaction }).of(Mail).welcome(1);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('is not in a transaction') as unknown,
      },
    });
    expect(await stored()).toEqual([]);
  });

  it('leaves the transaction of a stranger intact, in which a task came too late', async () => {
    const transaction: PgBossDatabase = {
      executeSql: async (text, values) => {
        if (text.includes('INSERT')) await client.query('COMMIT; BEGIN');
        return client.query(text, values);
      },
    };
    await client.query('BEGIN');
    const task = tasks.task({ transaction }).of(Mail).welcome(1);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('is not in a transaction') as unknown,
      },
    });
    await insertUser(1);
    await client.query('COMMIT');
    expect(await stored()).toEqual([]);
    expect(await client.query(`TABLE ${schema}.users`)).toMatchObject({
      rowCount: 1,
    });
  });

  it('refuses a task whose queue does not exist yet, and its transaction is committed without it', async () => {
    const engine = pgBossEngine({
      connectionString: POSTGRES_URL,
      schema,
      queue: 'later',
    });
    await client.query('BEGIN');
    await insertUser(1);
    for (const job of [newJob(), newJob({ key: 'k' })]) {
      await expect(engine.enqueue([job], fromPg(client))).rejects.toThrow(
        /its queue does not exist yet/,
      );
    }
    await client.query('COMMIT');
    expect(await client.query(`TABLE ${schema}.users`)).toMatchObject({
      rowCount: 1,
    });
  });

  it('binds what is stored, so that no text of it is taken for a part of the statement', async () => {
    const texts: string[] = [];
    const transaction: PgBossDatabase = {
      executeSql: (text, values) => {
        texts.push(text);
        return client.query(text, values);
      },
    };
    await client.query('BEGIN');
    const words = ['You won $100 ?', '$2b$10$abc', "'; DROP TABLE x --", '\\'];
    for (const word of words) {
      const task = tasks.task({ transaction }).of(Mail).tell(word);
      expect(await task.settled()).toMatchObject({ status: 'enqueued' });
    }
    await client.query('COMMIT');
    const { rows } = await client.query<{ user: string }>(STORED(schema));
    expect(rows.map(({ user }) => user).toSorted()).toEqual(words.toSorted());
    for (const word of words) expect(texts.join()).not.toContain(word);
  });

  it('binds it with the adapter of pg-boss for Knex, whose parameters are question marks', async () => {
    // As `knex.raw()` does it: each `?` is a parameter, and `\\?` is a question mark.
    const trx = {
      raw: (sql: string, bindings: readonly unknown[]) => {
        let count = 0;
        const text = sql.replace(/\\\?|\?/g, (mark) =>
          mark === '?' ? `$${(count += 1)}` : '?',
        );
        return client.query(text, [...bindings]);
      },
    };
    const words = ['You won $100 ?', '$2b$10$abc', 'what? \\? $1'];
    await client.query('BEGIN');
    for (const word of words) {
      for (const key of [undefined, word]) {
        const transaction = fromKnex(trx as never);
        const task = tasks.task({ transaction, key }).of(Mail).tell(word);
        expect(await task.settled()).toMatchObject({ status: 'enqueued' });
      }
    }
    await client.query('COMMIT');
    const { rows } = await client.query<{ user: string }>(STORED(schema));
    expect(rows.map(({ user }) => user).toSorted()).toEqual(
      [...words, ...words].toSorted(),
    );
  });

  it('shows no argument when a driver does', async () => {
    const transaction: PgBossDatabase = {
      executeSql: async (text, values) => {
        const message = `Failed query: ${text}\nparams: ${String(values)}`;
        throw Object.assign(new Error(message), {
          query: text,
          params: values,
          cause: Object.assign(new Error('value too long'), {
            severity: 'ERROR',
            code: '22001',
            detail: String(values),
          }),
        });
      },
    };
    const task = tasks.task({ transaction }).of(Mail).tell('4111-1111');
    const outcome = await task.settled();
    expect(outcome).toMatchObject({ error: { code: 'TASK_NOT_STORED' } });
    expect(inspect(outcome, { depth: 20 })).not.toContain('4111-1111');
  });

  it('refuses what no adapter has made', async () => {
    const task = tasks
      .task({ transaction: { query() {} } })
      .of(Mail)
      .welcome(1);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('must be made by fromPg()') as unknown,
      },
    });
  });

  it('issues its statement in the very call, also before the engine has connected', () => {
    const texts: string[] = [];
    const engine = pgBossEngine({ connectionString: POSTGRES_URL, schema });
    const transaction: PgBossDatabase = {
      executeSql: (text) => {
        texts.push(text);
        return Promise.resolve({ rows: [] });
      },
    };
    void engine.enqueue([newJob()], transaction);
    void engine.enqueue([newJob({ key: 'k' })], transaction);
    expect(texts.filter((text) => text.includes('INSERT'))).toHaveLength(2);
  });

  it.each<[string, (query: PoolClient) => PgBossDatabase]>([
    [
      'TypeORM',
      (pg) =>
        fromTypeOrm({
          query: async (text, values) => (await pg.query(text, values)).rows,
        }),
    ],
    [
      'Prisma',
      (pg) =>
        fromPrisma({
          $queryRawUnsafe: async (text, ...values) =>
            (await pg.query(text, values)).rows,
        }),
    ],
    [
      'Kysely',
      (pg) =>
        fromKysely({
          executeQuery: (query: { sql: string; parameters: unknown[] }) =>
            pg.query(query.sql, query.parameters),
        }),
    ],
    [
      'Drizzle',
      (pg) => {
        const tag = (strings: TemplateStringsArray, ...values: unknown[]) => ({
          text: strings.reduce((all, part, at) => `${all}$${at}${part}`),
          values,
        });
        const sql = Object.assign(tag, { param: (value: unknown) => value });
        return fromDrizzle(
          {
            execute: (query) => {
              const { text, values } = query as ReturnType<typeof tag>;
              return pg.query(text, values);
            },
          },
          sql,
        );
      },
    ],
  ])(
    'stores with a transaction that has the form of %s, once it is awaited',
    async (_name, adapt) => {
      for (const end of ['COMMIT', 'ROLLBACK']) {
        await client.query('BEGIN');
        const { length } = end;
        const task = tasks
          .task({ transaction: adapt(client), key: end })
          .of(Mail)
          .welcome(length);
        expect(await task.settled()).toMatchObject({ status: 'enqueued' });
        await client.query(end);
      }
      expect(await stored()).toEqual(['COMMIT'.length]);
    },
  );

  it('gives Drizzle the parameters of a statement where they stand', async () => {
    const tag = (parts: TemplateStringsArray, ...values: unknown[]) => ({
      parts: [...parts.raw],
      values,
    });
    const sql = Object.assign(tag, {
      param: (value: unknown) => `<${String(value)}>`,
    });
    const execute = (query: unknown) => Promise.resolve([query]);
    expect(
      await fromDrizzle({ execute }, sql).executeSql(
        'a = $2, b = $1 c',
        [1, 2],
      ),
    ).toEqual({
      rows: [{ parts: ['a = ', ', b = ', ' c'], values: ['<2>', '<1>'] }],
    });
  });

  it('is what wakes a worker, when the transaction is committed', async () => {
    const host = new TestHost();
    const engine = pgBossEngine({
      connectionString: POSTGRES_URL,
      schema,
      worker: { pollInterval: '1m' },
    });
    await engine.start(host);
    // It looks once before it waits.
    await engine.enqueue([newJob()]);
    await host.until(() => host.runs.length === 1);
    await client.query('BEGIN');
    schedule(42);
    await client.query('COMMIT');
    await host.until(() => host.runs.length === 2);
    const { args = '' } = host.runs[1]?.job ?? {};
    expect(engine.codec.decode(args)).toEqual([42]);
    await engine.stop(1_000);
  });
});

describeWithPostgresServer('the outbox in two phases', () => {
  afterEach(() => PostgresServer.removeAll());

  it('is stored by a prepared transaction without `notify`, and run once it is committed', async () => {
    const server = await PostgresServer.create('max_prepared_transactions = 2');
    await server.start();
    const { connectionString } = server;
    const engine = pgBossEngine({
      connectionString,
      notify: false,
      worker: { pollInterval: 50 },
    });
    const host = new TestHost();
    await engine.start(host);
    const client = new Client({ connectionString });
    await client.connect();
    await client.query('BEGIN');
    await engine.enqueue([newJob(), newJob({ key: 'k' })], fromPg(client));
    await client.query("PREPARE TRANSACTION 'mail'");
    await client.query("COMMIT PREPARED 'mail'");
    await host.until(() => host.runs.length === 2);
    await client.end();
    await engine.stop(1_000);
  });
});

describeWithPgBoss('the outbox over PGlite', () => {
  let pglite: PGlite;
  let tasks: AppTasks;

  beforeAll(async () => {
    pglite = await PGlite.create();
    tasks = await appWith(
      pgBossEngine({ db: fromPglite(pglite), worker: false }),
    );
    await pglite.exec('CREATE TABLE users (id integer UNIQUE)');
  });
  afterAll(async () => {
    await closeApps();
    await pglite.close();
  });

  it('stores what is committed, and nothing of what is rolled back, without being awaited', async () => {
    const committed: number[] = [];
    for (let user = 0; user < 30; user += 1) {
      const isKept = user % 3 !== 0;
      if (isKept) committed.push(user);
      await pglite
        .transaction(async (tx) => {
          void tx.query('INSERT INTO users VALUES ($1)', [user]);
          tasks
            .task({
              transaction: fromPglite(tx),
              key: user % 2 ? `user:${user}` : undefined,
            })
            .of(Mail)
            .welcome(user);
          if (!isKept) throw new Error('changed my mind');
        })
        .catch(() => {});
    }
    const { rows } = await pglite.query<{ user: string }>(STORED('pgboss'));
    const users = rows.map(({ user }) => Number(user));
    expect(users.toSorted((a, b) => a - b)).toEqual(committed);
  });

  it('leaves a transaction in which storing failed to its owner', async () => {
    const ended = pglite.transaction(async (tx) => {
      await tx.query('INSERT INTO users VALUES (1000)');
      await tx.query('SELECT 1/0').catch(() => {});
      const task = tasks
        .task({ transaction: fromPglite(tx) })
        .of(Mail)
        .welcome(1_000);
      expect(await task.settled()).toMatchObject({ status: 'failed' });
    });
    await ended.catch(() => {});
    const { rows } = await pglite.query('SELECT 1 FROM users WHERE id = 1000');
    expect(rows).toEqual([]);
  });
});
