import { PGlite } from '@electric-sql/pglite';
import type { OnApplicationShutdown } from '@nestjs/common';
import { fromPglite } from 'nestjs-tasks/pg-boss';
import { Database, SCHEMA, type OpenTransaction } from './database.js';

/** PostgreSQL in this process, in memory or in a folder. */
export class PgliteDatabase extends Database implements OnApplicationShutdown {
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  static async open(url: string): Promise<PgliteDatabase> {
    const pglite = new PGlite(url);
    await pglite.exec(SCHEMA);
    return new PgliteDatabase(pglite);
  }

  get forEngine() {
    return { db: fromPglite(this.#pglite) };
  }

  /** Not in `onModuleDestroy`: until all tasks are drained, the engine needs it. */
  async onApplicationShutdown(): Promise<void> {
    await this.#pglite.close();
  }

  async query<Row>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.#pglite.query<Row>(sql, [...parameters])).rows;
  }

  transaction<T>(
    work: (transaction: OpenTransaction) => Promise<T>,
  ): Promise<T> {
    return this.#pglite.transaction((transaction) =>
      work({
        forTasks: fromPglite(transaction),
        query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
          (await transaction.query<Row>(sql, [...parameters])).rows,
      }),
    );
  }
}
