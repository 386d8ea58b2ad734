/**
 * Something that statements can be given to: a database, or a transaction in one. The
 * adapters of pg-boss have this form.
 *
 * @publicApi
 */
export interface PgBossDatabase {
  /** Runs one statement with its parameters. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /**
   * Hears of notifications, where that can be done.
   *
   * @param onReconnect called whenever it hears (again), as some may have been missed
   */
  listen?(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }>;
}

/** Rows of a statement, as the statement names their columns. */
export async function rowsOf<Row>(
  db: PgBossDatabase,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const { rows } = await db.executeSql(text, values);
  return rows as Row[];
}
