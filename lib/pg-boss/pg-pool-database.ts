import type { PgBossDatabase } from './pg-boss-database.js';

/**
 * What is used of a connection of `pg`.
 *
 * @publicApi
 */
export interface PgClient {
  /** Runs one statement with its parameters. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * What is used of a `Pool` of `pg`.
 *
 * @publicApi
 */
export interface PgPool extends PgClient {
  /** What its connections are made with. */
  readonly options: object;
}

interface Listener extends PgClient {
  connect(): Promise<unknown>;
  end(): Promise<void>;
  on(event: string, listener: (value: { payload?: string }) => void): unknown;
}

/** The caller's pool. It is never closed here. */
export class PgPoolDatabase implements PgBossDatabase {
  readonly #pool: PgPool;

  constructor(pool: PgPool) {
    this.#pool = pool;
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.#pool.query(text, values);
  }

  /** On a connection of its own, so that the pool keeps all that it has. */
  async listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }> {
    const { Client } = this.#pool as PgPool & {
      Client: new (options: object) => Listener;
    };
    const client = new Client({ ...this.#connection(), keepAlive: true });
    let isOver = false;
    const end = async () => {
      isOver = true;
      await client.end().catch(() => {});
    };
    client.on('notification', ({ payload = '' }) => onNotification(payload));
    // Whoever listens finds out by `onReconnect`, or by what it does besides.
    client.on('error', () => void (isOver || end()));
    try {
      await client.connect();
      await client.query(`LISTEN "${channel}"`);
    } catch (error) {
      await end();
      throw error;
    }
    onReconnect();
    return { close: end };
  }

  /** With its password, which a pool hides from those who copy its options. */
  #connection(): object {
    const { options } = this.#pool;
    return 'password' in options
      ? { ...options, password: options.password }
      : options;
  }
}
