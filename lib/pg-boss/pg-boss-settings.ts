import { toMilliseconds } from '../core/base/duration.js';
import type { QueueWorkers } from '../engine-kit/queues.js';
import { unknownForMs } from '../engine-kit/unknown-jobs.js';
import type {
  PgBossEngineOptions,
  PgBossWorkerOptions,
} from './pg-boss-options.js';

/** Practically forever, in seconds: 68 years, the maximum of the columns. */
export const FOR_EVER_S = 2 ** 31 - 1;

/** Checked options with their defaults. */
export interface PgBossSettings {
  /** The database of the caller; undefined where the engine opens connections of its own. */
  readonly pool: PgBossEngineOptions['pool'];
  readonly db: PgBossEngineOptions['db'];
  /** How the engine opens its own connections, as `pg` takes it. */
  readonly connection: object;
  readonly maxConnections: number;
  readonly schema: string;
  /** The name of a queue in the database; for what concerns all of them, of the default one. */
  readonly queue: string;
  readonly notify: boolean;
  readonly enqueueTimeoutMs: number;
  /** How long finished jobs stay, in whole seconds; at least 1, as 0 is forever in pg-boss. */
  readonly keptS: number;
  readonly unknownForMs: number;
  readonly application: string | undefined;
  /** `false` when this process only stores jobs. */
  readonly worker: false | (WorkerSettings & QueueWorkers);
}

export interface WorkerSettings {
  /** Of one queue; for what concerns all of them, of each that has none of its own. */
  readonly concurrency: number;
  readonly pollMs: number;
  readonly lostAfterMs: number;
  readonly maxLost: number;
}

export function pgBossSettings({
  pool,
  db,
  maxConnections = 10,
  schema = 'pgboss',
  queue = 'nestjs-tasks',
  notify = true,
  enqueueTimeout = '2s',
  keepFinished = '7d',
  unknownFor,
  application,
  worker = {},
  ...options
}: PgBossEngineOptions): PgBossSettings {
  const keptMs = toMilliseconds(
    keepFinished,
    'keepFinished',
    Number.MAX_SAFE_INTEGER,
  );
  return {
    pool,
    db,
    connection: connectionOf(options),
    maxConnections,
    schema,
    queue,
    notify,
    enqueueTimeoutMs: toMilliseconds(enqueueTimeout, 'enqueueTimeout'),
    keptS: Math.min(FOR_EVER_S, Math.max(1, Math.ceil(keptMs / 1_000))),
    unknownForMs: unknownForMs(unknownFor),
    application,
    worker: worker && workerSettings(worker),
  };
}

/**
 * How long a statement that stores waits for a lock: for so much less than the
 * application waits that those stored beside it are still confirmed in time.
 */
export function lockMsOf({ enqueueTimeoutMs }: PgBossSettings): number {
  return Math.max(1, Math.ceil(enqueueTimeoutMs / 2));
}

function connectionOf({
  connectionString,
  host,
  port,
  database,
  user,
  password,
  ssl,
}: PgBossEngineOptions): object {
  const given = { connectionString, host, port, database, user, password, ssl };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
}

function workerSettings({
  concurrency = 10,
  pollInterval = '1s',
  lostAfter = '5s',
  maxLost = 20,
  queues,
}: PgBossWorkerOptions): WorkerSettings & QueueWorkers {
  return {
    concurrency,
    queues,
    pollMs: toMilliseconds(pollInterval, 'worker.pollInterval'),
    lostAfterMs: toMilliseconds(lostAfter, 'worker.lostAfter'),
    maxLost,
  };
}
