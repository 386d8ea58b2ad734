import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgClient } from './pg-pool-database.js';

/** What connections of `pg` have, unless they are older than 8.18 or come from elsewhere. */
interface PgConnection extends PgClient {
  /** A function of its own for each time that it is taken from its pool. */
  readonly release?: unknown;
  /** Whether nothing is being executed. */
  readonly readyForQuery?: unknown;
  getTransactionStatus?(): string | null;
}

/** A transaction on a connection of `pg`. */
export class PgTransaction implements PgBossDatabase {
  readonly #client: PgConnection;
  readonly #release: unknown;

  constructor(client: PgClient) {
    this.#client = client;
    this.#release = this.#client.release;
  }

  /**
   * Whether the connection is in the transaction: not after it was given back to its
   * pool, where another request may have taken it. Undefined while statements are
   * pending, as they may begin or end a transaction.
   */
  get isOpen(): boolean | undefined {
    const client = this.#client;
    if (client.release !== this.#release) return false;
    if (client.readyForQuery !== true) return undefined;
    const status = client.getTransactionStatus?.();
    return status === null || status === undefined ? undefined : status !== 'I';
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.#client.query(text, values);
  }
}
