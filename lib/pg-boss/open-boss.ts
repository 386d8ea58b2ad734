import type { ConstructorOptions, fromPglite, PgBoss } from 'pg-boss';
import { TaskPeerMissingError } from '../core/base/durable-errors.js';
import { PgliteDatabase } from './from-pglite.js';
import type { PgBossDatabase } from './pg-boss-database.js';
import { lockMsOf, type PgBossSettings } from './pg-boss-settings.js';
import { PgPoolDatabase } from './pg-pool-database.js';

/** How long opening a connection may take. */
const CONNECT_MS = 3_000;
/** How long a connection may be idle before the first keep-alive probe. */
const KEEP_ALIVE_MS = 10_000;
/** More than the parts of pg-boss that work at once in the background, so that one is free. */
const UPKEEP_CONNECTIONS = 6;
/** How often jobs that depend on others are looked at. */
const FLOW_S = 3_600;
/** How long a statement may run at least before the server ends it. */
const LEAST_STATEMENT_MS = 5_000;

/** The instances of pg-boss in one life of the engine, not started yet. */
export interface OpenBoss {
  /** Stores, takes and settles jobs. */
  readonly boss: PgBoss;
  /** Creates the tables and does the upkeep; the same one on a database of the caller. */
  readonly upkeep: PgBoss;
  /** For signs of life: neither jobs nor other statements can hold all of its connections. */
  readonly life: PgBossDatabase;
  /** Stores within time limits at the server, where they are not those of the connection. */
  readonly limited: PgBossDatabase | undefined;
  /** Ends connections that no instance of pg-boss ends. */
  close(): Promise<void>;
}

type BossModule = {
  readonly PgBoss: typeof PgBoss;
  readonly fromPglite: typeof fromPglite;
};

/**
 * @param hasLimits whether own connections ask the server for limits in time, which a
 * pooler such as PgBouncer may refuse
 * @throws (rejects with) TaskPeerMissingError when pg-boss cannot be loaded
 */
export async function openBoss(
  settings: PgBossSettings,
  hasLimits: boolean,
): Promise<OpenBoss> {
  const loaded = await loadPgBoss();
  const { pool, db } = settings;
  if (pool) return onPool(loaded, settings, new PgPoolDatabase(pool));
  return db
    ? onDatabase(loaded, settings, db)
    : onConnections(loaded, settings, hasLimits);
}

function onConnections(
  loaded: BossModule,
  settings: PgBossSettings,
  hasLimits: boolean,
): OpenBoss {
  const [lockMs, statementMs] = limitsOf(settings);
  const connection = {
    ...settings.connection,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
  const upkeep = new loaded.PgBoss({
    ...optionsOf(settings),
    ...connection,
    max: UPKEEP_CONNECTIONS,
  });
  const boss = new loaded.PgBoss({
    ...optionsOf(settings),
    ...connection,
    max: settings.maxConnections,
    ...(hasLimits && {
      options: `-c lock_timeout=${lockMs} -c statement_timeout=${statementMs}`,
    }),
    supervise: false,
    migrate: false,
    registerInstance: false,
  });
  return {
    boss,
    upkeep,
    life: upkeep.getDb(),
    limited: undefined,
    close: () => Promise.resolve(),
  };
}

function onPool(
  { PgBoss }: BossModule,
  settings: PgBossSettings,
  pool: PgPoolDatabase,
): OpenBoss {
  const boss = new PgBoss({ ...optionsOf(settings), db: pool });
  const life = pool.apart();
  return {
    boss,
    upkeep: boss,
    life,
    limited: pool.limited(...limitsOf(settings)),
    close: () => life.close(),
  };
}

function onDatabase(
  { PgBoss, fromPglite }: BossModule,
  settings: PgBossSettings,
  db: PgBossDatabase,
): OpenBoss {
  const isPglite = db instanceof PgliteDatabase;
  const boss = new PgBoss({
    ...optionsOf(settings),
    // That of pg-boss does more than execute statements.
    db: isPglite ? fromPglite(db.pglite as never) : db,
    ...(isPglite && { backend: 'pglite' }),
  });
  return {
    boss,
    upkeep: boss,
    life: boss.getDb(),
    limited: undefined,
    close: () => Promise.resolve(),
  };
}

function optionsOf({ schema, worker }: PgBossSettings): ConstructorOptions {
  return {
    schema,
    supervise: worker !== false,
    schedule: false,
    // Jobs of the engine depend on no others; who stores such jobs has an instance that looks.
    flowIntervalSeconds: FLOW_S,
    // It would trace each look into an idle queue.
    openTelemetry: { enabled: false },
  };
}

/** How long a statement that stores may wait for a lock, and how long it may take. */
function limitsOf(settings: PgBossSettings): [number, number] {
  const statementMs = Math.max(settings.enqueueTimeoutMs, LEAST_STATEMENT_MS);
  return [lockMsOf(settings), statementMs];
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
