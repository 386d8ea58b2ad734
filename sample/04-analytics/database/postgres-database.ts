import {
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Pool } from 'pg';
import { Database, type Query } from './database.js';
import { SCHEMA } from './schema.js';

/** How long a statement may take: a shutdown waits for it. */
const TIMEOUT_MS = 2_000;

/** PostgreSQL on a server. */
export class PostgresDatabase
  extends Database
  implements OnModuleInit, OnApplicationShutdown
{
  readonly #pool: Pool;
  readonly #logger = new Logger('Database');

  constructor(url: string) {
    super();
    this.#pool = new Pool({
      connectionString: url,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // Without a listener, a connection that breaks while idle would end the process.
    this.#pool.on('error', (error) => this.#logger.error(error.message));
  }

  async onModuleInit(): Promise<void> {
    await this.#pool.query(SCHEMA);
  }

  /** Not in `onModuleDestroy`: until the server has closed, requests go on to track. */
  async onApplicationShutdown(): Promise<void> {
    await this.#pool.end();
  }

  readonly query: Query = async <Row>(
    sql: string,
    parameters: readonly unknown[] = [],
  ) => (await this.#pool.query(sql, [...parameters])).rows as Row[];
}
