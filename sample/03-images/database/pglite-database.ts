import { PGlite } from '@electric-sql/pglite';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Database, type Query } from './database.js';
import { SCHEMA } from './schema.js';

/** PostgreSQL in this process, in memory or in a folder. */
export class PgliteDatabase
  extends Database
  implements OnModuleInit, OnModuleDestroy
{
  readonly #pglite: PGlite;

  constructor(url: string) {
    super();
    this.#pglite = new PGlite(url);
  }

  async onModuleInit(): Promise<void> {
    await this.#pglite.exec(SCHEMA);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#pglite.close();
  }

  readonly query: Query = async <Row>(
    sql: string,
    parameters: readonly unknown[] = [],
  ) => (await this.#pglite.query<Row>(sql, [...parameters])).rows;
}
