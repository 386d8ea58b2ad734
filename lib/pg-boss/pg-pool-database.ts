import { systemClock } from '../core/clock.js';
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
  on(
    event: 'notification',
    listener: (message: { payload?: string }) => void,
  ): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
}

const RETRY_MS = 1_000;

/** The caller's pool. It is never closed here. */
export class PgPoolDatabase implements PgBossDatabase {
  readonly #pool: PgPool;

  constructor(pool: PgPool) {
    this.#pool = pool;
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.#pool.query(text, values);
  }

  /**
   * On a connection of its own, so that the pool keeps all that it has. It is made again
   * when it is lost.
   */
  async listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }> {
    let isClosed = false;
    let client: Listener | undefined;
    let stopTimer: (() => void) | undefined;
    const connect = async () => {
      const next = (client = this.#listener());
      const whenLost = () => {
        if (client !== next) return;
        client = undefined;
        next.end().catch(() => {});
        retryLater();
      };
      next.on('notification', ({ payload = '' }) => onNotification(payload));
      next.on('error', whenLost);
      next.on('end', whenLost);
      await next.connect();
      await next.query(`LISTEN "${channel}"`);
      onReconnect();
    };
    const retryLater = () => {
      if (isClosed) return;
      stopTimer?.();
      stopTimer = systemClock.after(
        RETRY_MS,
        () => void connect().catch(retryLater),
      );
    };
    const close = async () => {
      isClosed = true;
      stopTimer?.();
      const last = client;
      client = undefined;
      await last?.end().catch(() => {});
    };
    try {
      await connect();
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  }

  #listener(): Listener {
    const { Client, options } = this.#pool as PgPool & {
      readonly Client: new (options: object) => Listener;
    };
    // A pool hides its password from those who copy its options.
    const password = 'password' in options && { password: options.password };
    return new Client({ ...options, ...password, keepAlive: true });
  }
}
