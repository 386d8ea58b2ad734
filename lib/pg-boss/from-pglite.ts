import type { PgBossDatabase } from './pg-boss-database.js';

/**
 * The part of PGlite, or of a transaction in it, that the engine uses.
 *
 * @publicApi
 */
export interface PgliteLike {
  /** Executes one statement with its parameters. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A PGlite instance or a transaction in it. */
export class PgliteDatabase implements PgBossDatabase {
  readonly pglite: PgliteLike;

  constructor(pglite: PgliteLike) {
    this.pglite = pglite;
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.pglite.query(text, values);
  }
}

/**
 * PGlite as the store of an engine, or a transaction in it for the outbox. Only one
 * process can use a PGlite. Stored jobs survive a crash of that process, but not a power
 * failure.
 *
 * @example
 * ```ts
 * pgBossEngine({ db: fromPglite(pglite) });
 *
 * await pglite.transaction(async (tx) => {
 *   tasks.task({ transaction: fromPglite(tx) }).of(MailTasks).welcome(email);
 * });
 * ```
 *
 * @publicApi
 */
export function fromPglite(pglite: PgliteLike): PgBossDatabase {
  return new PgliteDatabase(pglite);
}
