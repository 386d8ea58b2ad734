/**
 * Something that executes statements: a database, or a transaction in one. The adapters
 * of pg-boss have this form.
 *
 * @publicApi
 */
export interface PgBossDatabase {
  /** Executes one statement with its parameters. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /**
   * Listens for notifications, where the database supports that.
   *
   * @param onReconnect called whenever it starts to listen (again), as some
   * notifications may have been missed
   */
  listen?(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }>;
}

/** The rows of a statement, typed as the caller expects them. */
export async function rowsOf<Row>(
  db: PgBossDatabase,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const { rows } = await db.executeSql(text, values);
  return rows as Row[];
}
