import {
  Logger,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Pool } from 'pg';
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

  readonly query: Query = async <Row>(
    sql: string,
    parameters: readonly unknown[] = [],
  ) => (await this.#pool.query(sql, [...parameters])).rows as Row[];
}
