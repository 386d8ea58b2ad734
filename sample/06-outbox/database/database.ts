import type { PgBossDatabase, PgBossEngineOptions } from 'nestjs-tasks/pg-boss';

/** An open transaction: for the statements of the application, and for its tasks. */
export interface OpenTransaction {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** What `tasks.task({ transaction })` takes. */
  readonly forTasks: PgBossDatabase;
}

/** What the application needs of PostgreSQL, embedded or on a server. */
export abstract class Database {
  /** Where the engine stores tasks: beside the tables of the application. */
  abstract readonly forEngine: Pick<PgBossEngineOptions, 'db' | 'pool'>;

  abstract query<Row>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;

  /** Commits what `work` did, or rolls it back when `work` throws. */
  abstract transaction<T>(
    work: (transaction: OpenTransaction) => Promise<T>,
  ): Promise<T>;
}

export const SCHEMA = `
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
