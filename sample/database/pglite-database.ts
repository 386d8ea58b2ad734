import { PGlite } from '@electric-sql/pglite';
import { Database, queryOn, type Transaction } from './database.js';

/** PostgreSQL in this process, in memory or in a folder. */
export class PgliteDatabase extends Database {
  readonly connection: PGlite;
  readonly query;

  private constructor(connection: PGlite) {
    super();
    this.connection = connection;
    this.query = queryOn(connection);
  }

  static async open(url: string, schema: string): Promise<PgliteDatabase> {
    const connection = new PGlite(url);
    await connection.exec(schema);
    return new PgliteDatabase(connection);
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.connection.transaction((client) =>
      work({ query: queryOn(client), client }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
