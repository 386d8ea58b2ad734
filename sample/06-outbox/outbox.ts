import { fromPg, fromPglite, type PgBossDatabase } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import type { Database, Transaction } from '../database/database.js';
import { DatabaseModule } from '../database/database.module.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS plans (name text PRIMARY KEY);
  INSERT INTO plans (name) VALUES ('free'), ('pro') ON CONFLICT DO NOTHING;
  CREATE TABLE IF NOT EXISTS accounts (
    id    uuid PRIMARY KEY,
    email text NOT NULL UNIQUE
  );
  CREATE TABLE IF NOT EXISTS subscriptions (
    account uuid NOT NULL REFERENCES accounts (id),
    plan    text NOT NULL REFERENCES plans (name)
  );
`;

/** One module for the engine and the controllers, so that they share one connection. */
export const databaseModule = DatabaseModule.forRoot(SCHEMA);

/** Where the engine stores tasks: beside the tables of the application. */
export function storeIn({ connection }: Database) {
  return connection instanceof Pool
    ? { pool: connection }
    : { db: fromPglite(connection) };
}

/** What `tasks.task({ transaction })` takes. */
export function forTasks({ client }: Transaction): PgBossDatabase {
  return 'release' in client ? fromPg(client) : fromPglite(client);
}
