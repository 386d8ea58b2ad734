/** What the application needs of PostgreSQL, embedded or on a server. */
export abstract class Database {
  /** Runs one statement, all of it or nothing, and gives its rows. */
  abstract query<Row>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
}
