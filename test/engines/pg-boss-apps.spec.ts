import { afterAll, afterEach, expect, it } from '@jest/globals';
import { AppTasks } from 'nestjs-tasks';
import {
  fromPg,
  pgBossEngine,
  type PgBossDatabase,
} from 'nestjs-tasks/pg-boss';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { Gone, Mail, openMailApp } from './support/mail-app.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

afterEach(closeApps);

describeWithPostgres.each(platforms)(
  'durable tasks in PostgreSQL over $name',
  (platform) => {
    const space = new PostgresSpace();
    afterAll(() => space.close());

    it('of one phase of a request make one round trip', async () => {
      const inserts: unknown[] = [];
      const db: PgBossDatabase = {
        executeSql: (text, values) => {
          if (text.includes('json_to_recordset')) inserts.push(values?.[0]);
          return space.pool.query(text, values);
        },
      };
      const { app, post } = await openMailApp({
        platform,
        engine: pgBossEngine({
          enqueueTimeout: '30s',
          db,
          schema: space.schema(),
          worker: false,
        }),
        providers: [Gone],
      });
      await post('phases');
      await TasksTester.for(app).settled();
      expect(inserts.map((list) => JSON.parse(String(list)).length)).toEqual([
        4, 2,
      ]);
    });

    it('of an outbox reach the worker with their transaction, and only then', async () => {
      const schema = space.schema();
      const { app, journal } = await openMailApp({
        platform,
        engine: pgBossEngine({
          enqueueTimeout: '30s',
          connectionString: POSTGRES_URL,
          schema,
        }),
      });
      const tasks = app.get(AppTasks);
      // A transaction needs the queue, which a busy machine may not have made yet.
      await tasks.of(Mail).send('first').settled();
      await journal.has(1);
      const client = await space.pool.connect();
      const send = (what: string) =>
        tasks
          .task({ transaction: fromPg(client) })
          .of(Mail)
          .send(what);
      await client.query('BEGIN');
      await send('undone').settled();
      await client.query('ROLLBACK');
      await client.query('BEGIN');
      await send('done').settled();
      await client.query('COMMIT');
      client.release();
      await journal.has(2);
      await app.close();
      expect(journal.lines).toMatchObject([
        { what: 'first' },
        { what: 'done' },
      ]);
      expect(
        await space.query(
          `SELECT id FROM ${schema}.job WHERE name = 'nestjs-tasks'`,
        ),
      ).toHaveLength(2);
    });
  },
);
