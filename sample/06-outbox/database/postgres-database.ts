import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { fromPg } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import { Database, SCHEMA, type OpenTransaction } from './database.js';

/** PostgreSQL on a server. */
export class PostgresDatabase
  extends Database
  implements OnApplicationShutdown
{
  readonly #pool: Pool;
  readonly #logger = new Logger('Database');

  private constructor(pool: Pool) {
    super();
    this.#pool = pool;
    // Without a listener, a connection that breaks while idle would end the process.
    pool.on('error', (error) => this.#logger.error(error.message));
  }

  static async open(url: string): Promise<PostgresDatabase> {
    const pool = new Pool({ connectionString: url });
    await pool.query(SCHEMA);
    return new PostgresDatabase(pool);
  }

  get forEngine() {
    return { pool: this.#pool };
  }

  /** Not in `onModuleDestroy`: until all tasks are drained, the engine needs it. */
  async onApplicationShutdown(): Promise<void> {
    await this.#pool.end();
  }

  async query<Row>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.#pool.query(sql, [...parameters])).rows as Row[];
  }

  async transaction<T>(
    work: (transaction: OpenTransaction) => Promise<T>,
  ): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work({
        forTasks: fromPg(client),
        query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
          (await client.query(sql, [...parameters])).rows as Row[],
      });
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
