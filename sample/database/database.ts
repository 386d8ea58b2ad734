import type { PGlite, Transaction as PgliteClient } from '@electric-sql/pglite';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';

/** The largest value of an `integer` column. */
export const LARGEST_INTEGER = 2_147_483_647;

/** Runs one statement and returns its rows. */
export type Query = <Row>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

export interface Transaction {
  readonly query: Query;
  /** For libraries that write in the same transaction. */
  readonly client: PgliteClient | PoolClient;
}

/** PostgreSQL, embedded or on a server. */
export abstract class Database implements OnApplicationShutdown {
  /** For libraries that share the connection. */
  abstract readonly connection: PGlite | Pool;

  abstract readonly query: Query;

  /** Commits what `work` did, or rolls it back when `work` throws. */
  abstract transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T>;

  /** Not `onModuleDestroy`: requests and tasks use the database until the server has closed. */
  abstract onApplicationShutdown(): Promise<void>;
}

/** The `query` of a PGlite, a `pg` pool, or a transaction in one of them. */
export function queryOn(connection: {
  query(sql: string, parameters: unknown[]): Promise<{ rows: unknown[] }>;
}): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await connection.query(sql, [...parameters])).rows as Row[];
}
