import { Logger } from '@nestjs/common';
import { Pool } from 'pg';
import { Database, queryOn, type Transaction } from './database.js';

export interface PostgresOptions {
  /** How long connecting, and each statement, may take; unlimited by default. */
  readonly timeoutMs?: number | undefined;
}

/** PostgreSQL on a server. */
export class PostgresDatabase extends Database {
  readonly connection: Pool;
  readonly query;

  private constructor(connection: Pool) {
    super();
    this.connection = connection;
    this.query = queryOn(connection);
  }

  static async open(
    url: string,
    schema: string,
    { timeoutMs }: PostgresOptions = {},
  ): Promise<PostgresDatabase> {
    const connection = new Pool({
      connectionString: url,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    });
    // Without a listener, a connection that breaks while idle would end the process.
    const logger = new Logger('Database');
    connection.on('error', (error) => logger.error(error.message));
    await connection.query(schema);
    return new PostgresDatabase(connection);
  }

  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const client = await this.connection.connect();
    try {
      await client.query('BEGIN');
      const result = await work({ query: queryOn(client), client });
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        // A connection that cannot roll back must not return to the pool.
        (broken: Error) => client.release(broken),
      );
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.end();
  }
}
