import { systemClock } from '../core/base/clock.js';
import type { PgBossDatabase } from './pg-boss-database.js';

/**
 * The part of a connection of `pg` that the engine uses.
 *
 * @publicApi
 */
export interface PgClient {
  /** Executes one statement with its parameters. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * A connection that was taken from a pool of `pg`.
 *
 * @publicApi
 */
export interface PgPoolClient extends PgClient {
  /** Gives it back, or closes it because of an error. */
  release(error?: Error | boolean): void;
}

/**
 * The part of a `Pool` of `pg` that the engine uses.
 *
 * @publicApi
 */
export interface PgPool extends PgClient {
  /** The options of its connections. */
  readonly options: object;
  /** Takes a connection from it. */
  connect(): Promise<PgPoolClient>;
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

type Emitting<Client> = Client & {
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
};

/** A pool that the engine has opened itself. */
interface OwnPool extends PgClient {
  end(): Promise<void>;
  on(event: 'error', listener: () => void): unknown;
}

interface PoolInternals {
  readonly Client: new (options: object) => Listener;
  readonly constructor: new (options: object) => OwnPool;
}

const RETRY_MS = 1_000;

/** The caller's pool, which is never closed here. */
export class PgPoolDatabase implements PgBossDatabase {
  readonly #pool: PgPool;

  constructor(pool: PgPool) {
    this.#pool = pool;
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.#pool.query(text, values);
  }

  /** The same pool, for statements that the server ends after these times. */
  limited(lockMs: number, statementMs: number): PgBossDatabase {
    const begin = `BEGIN; SET LOCAL lock_timeout = ${lockMs}; SET LOCAL statement_timeout = ${statementMs}`;
    return {
      executeSql: async (text, values) => {
        const client = (await this.#pool.connect()) as Emitting<PgPoolClient>;
        // Nobody else listens while it is taken; the statement fails as well.
        const ignore = () => {};
        client.on('error', ignore);
        try {
          await client.query(begin);
          const result = await client.query(text, values);
          await client.query('COMMIT');
          client.removeListener('error', ignore);
          client.release();
          return result;
        } catch (error) {
          // The end of the connection is the end of the transaction.
          client.release(true);
          throw error;
        }
      },
    };
  }

  /** A connection of the same kind that no user of the pool can hold. */
  apart(): PgBossDatabase & { close(): Promise<void> } {
    const { constructor, Client } = this.#pool as PgPool & PoolInternals;
    const own = new constructor({ ...this.#options, Client, max: 1 });
    own.on('error', () => {});
    return {
      executeSql: (text, values) => own.query(text, values),
      close: () => own.end(),
    };
  }

  /**
   * Listens on a connection outside the pool, which is reopened when it is lost.
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
    const { Client } = this.#pool as PgPool & PoolInternals;
    return new Client({ ...this.#options, keepAlive: true });
  }

  get #options(): object {
    const { options } = this.#pool;
    // The password is not enumerable, so the spread does not copy it.
    const password = 'password' in options && { password: options.password };
    return { ...options, ...password };
  }
}
