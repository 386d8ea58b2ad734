import {
  Logger,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Pool, type PoolClient } from 'pg';
import { Database, type Query } from './database.js';
import { SCHEMA } from './schema.js';

/** PostgreSQL on a server. */
export class PostgresDatabase
  extends Database
  implements OnModuleInit, OnModuleDestroy
{
  readonly #pool: Pool;
  readonly #logger = new Logger('Database');

  constructor(url: string) {
    super();
    this.#pool = new Pool({ connectionString: url });
    // Without a listener, a connection that breaks while idle would end the process.
    this.#pool.on('error', (error) => this.#logger.error(error.message));
  }

  async onModuleInit(): Promise<void> {
    await this.#pool.query(SCHEMA);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#pool.end();
  }

  readonly query: Query = queryOn(() => this.#pool);

  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(queryOn(() => client));
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        // The connection is of no use any more.
        (broken: Error) => client.release(broken),
      );
      throw error;
    }
  }
}

function queryOn(connection: () => Pool | PoolClient): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await connection().query(sql, [...parameters])).rows as Row[];
}
