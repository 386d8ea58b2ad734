/** Runs one statement and gives its rows. */
export type Query = <Row>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

/** What the application needs of PostgreSQL, embedded or on a server. */
export abstract class Database {
  abstract readonly query: Query;
}
