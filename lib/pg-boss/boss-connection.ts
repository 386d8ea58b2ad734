import type { ConstructorOptions, fromPglite, PgBoss } from 'pg-boss';
import { systemClock } from '../core/clock.js';
import { TaskPeerMissingError } from '../core/errors.js';
import { PgliteDatabase } from './from-pglite.js';
import type { Outage } from './outage.js';
import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgBossEngineOptions } from './pg-boss-engine.js';
import { PgPoolDatabase } from './pg-pool-database.js';

interface BossModule {
  readonly PgBoss: typeof PgBoss;
  readonly fromPglite: typeof fromPglite;
}

/** How long a connection may take to be made. */
const CONNECT_MS = 3_000;
/** After how much silence of a connection it is tried whether it is still there. */
const KEEP_ALIVE_MS = 10_000;
const LONGEST_PAUSE_MS = 2_000;

/** The pg-boss of this process: begun once, and tried again until its database is there. */
export class BossConnection {
  readonly #options: PgBossEngineOptions;
  readonly #outage: Outage;
  readonly #queue: string;
  readonly #schema: string;
  #boss: PgBoss | undefined;
  /** The attempt that goes on, or has succeeded. */
  #attempt: Promise<PgBoss> | undefined;
  #whenReady: (() => void)[] = [];
  #stopPause: (() => void) | undefined;
  #isReady = false;
  #isStopped = false;

  constructor(
    options: PgBossEngineOptions,
    schema: string,
    queue: string,
    outage: Outage,
  ) {
    this.#options = options;
    this.#schema = schema;
    this.#queue = queue;
    this.#outage = outage;
  }

  /** pg-boss, once its tables and the queue are there. Rejects when an attempt has failed. */
  ready(): Promise<PgBoss> {
    return (this.#attempt ??= this.#begin());
  }

  /** Resolves when it is ready, however many attempts that takes; never, if it is stopped before. */
  async whenReady(): Promise<PgBoss> {
    if (!this.#isReady) {
      this.ready().catch(() => {});
      await new Promise<void>((resolve) => this.#whenReady.push(resolve));
    }
    return this.ready();
  }

  /** Closes what pg-boss has opened. Never rejects; may take as long as the database does. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopPause?.();
    await this.#boss?.stop({ graceful: false }).catch(() => {});
  }

  async #begin(pauseMs = 100): Promise<PgBoss> {
    try {
      const boss = await this.#connect();
      this.#isReady = true;
      this.#outage.end();
      for (const tell of this.#whenReady.splice(0)) tell();
      return boss;
    } catch (error) {
      this.#outage.begin(error);
      this.#stopPause = systemClock.after(pauseMs, () => {
        if (this.#isStopped) return;
        this.#attempt = this.#begin(Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
        this.#attempt.catch(() => {});
      });
      throw error;
    }
  }

  async #connect(): Promise<PgBoss> {
    this.#boss ??= await this.#create();
    await this.#boss.start();
    await this.#boss.createQueue(this.#queue);
    return this.#boss;
  }

  async #create(): Promise<PgBoss> {
    const loaded = await loadPgBoss();
    const { pool, db, connectionString, maxConnections, worker } =
      this.#options;
    const boss = new loaded.PgBoss({
      ...(connectionString === undefined
        ? {
            db: (pool
              ? new PgPoolDatabase(pool)
              : bossDatabase(db, loaded)) as never,
          }
        : {
            connectionString,
            max: maxConnections ?? 10,
            connectionTimeoutMillis: CONNECT_MS,
            keepAlive: true,
            keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
          }),
      ...(db instanceof PgliteDatabase && { backend: 'pglite' }),
      schema: this.#schema,
      supervise: worker !== false,
      schedule: false,
    } satisfies ConstructorOptions & { keepAlive?: boolean });
    // Without a listener they would end the process.
    boss.on('error', (error) => this.#outage.begin(error));
    return boss;
  }
}

/** PGlite by the adapter of pg-boss, which knows of more than statements. */
function bossDatabase(
  db: PgBossDatabase | undefined,
  loaded: BossModule,
): unknown {
  return db instanceof PgliteDatabase
    ? loaded.fromPglite(db.pglite as never)
    : db;
}

async function loadPgBoss(): Promise<BossModule> {
  try {
    return await import('pg-boss');
  } catch (cause) {
    throw new TaskPeerMissingError('nestjs-tasks/pg-boss', 'pg-boss', {
      cause,
    });
  }
}
