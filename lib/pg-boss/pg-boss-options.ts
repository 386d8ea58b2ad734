import {
  aBoolean,
  aCount,
  aDuration,
  anAge,
  aNumber,
  checkOptions,
  refuse,
  optionGroup,
  type OptionCheck,
} from '../core/options/check-options.js';
import { toMilliseconds, type Duration } from '../core/base/duration.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import {
  ENGINE_CHECKS,
  type EngineOptions,
} from '../engine-kit/engine-options.js';
import {
  noLimiter,
  workerQueues,
  type WorkerQueues,
} from '../engine-kit/queues.js';

import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgPool } from './pg-pool-database.js';
import { mustBeNoMark } from './queue-marks.js';

/**
 * How this process runs jobs.
 *
 * @publicApi
 */
export interface PgBossWorkerOptions {
  /**
   * How many jobs of each queue run at once in this process.
   *
   * @default 10
   */
  concurrency?: number | undefined;
  /**
   * The queues that this process works, each with its concurrency or its options, such as
   * `{ default: 20, media: 2 }`. A queue with 0 is left to other processes.
   *
   * @default all queues that declared tasks name
   */
  queues?: WorkerQueues | undefined;
  /**
   * How often the worker looks for jobs without being notified of them: those whose
   * pause is over, and all of them where the database cannot send notifications.
   *
   * @default '1s'
   */
  pollInterval?: Duration | undefined;
  /**
   * How long a worker may go without a heartbeat before another one runs its jobs again.
   * Code that blocks the event loop for longer has its jobs run twice. Use the same value
   * in all workers; 1 second at least.
   *
   * @default '5s'
   */
  lostAfter?: Duration | undefined;
  /**
   * How often in a row a job is run again because its worker was lost. A job that crashes
   * its workers more often is kept as failed.
   *
   * @default 20
   */
  maxLost?: number | undefined;
}

/**
 * The options of `pgBossEngine()`. One of `connectionString`, `pool` and `db`, or `host`
 * and the options beside it, says where the jobs are stored.
 *
 * @publicApi
 */
export interface PgBossEngineOptions extends EngineOptions {
  /** Where PostgreSQL is, such as `postgres://user:password@host/database`. */
  connectionString?: string | undefined;
  /** Where PostgreSQL is, instead of `connectionString`; as for `pg`, with its defaults. */
  host?: string | undefined;
  /** Its port. */
  port?: number | undefined;
  /** The name of the database. */
  database?: string | undefined;
  /** The role that the engine connects as. */
  user?: string | undefined;
  /** Its password, or a function that gives it whenever a connection is opened. */
  password?: string | (() => string | Promise<string>) | undefined;
  /** Whether and how the connections are encrypted, as for `pg`; also with `connectionString`. */
  ssl?: boolean | object | undefined;
  /**
   * How many connections store, take and settle jobs at most, where the engine opens its
   * own. A few more are for upkeep, signs of life and notifications.
   *
   * @default 10
   */
  maxConnections?: number | undefined;
  /** A pool of `pg` that the application owns and closes itself. */
  pool?: PgPool | undefined;
  /** Another database, such as `fromPglite(pglite)`, or an adapter of pg-boss. */
  db?: PgBossDatabase | undefined;
  /**
   * The schema with the tables of pg-boss, which is created or migrated as needed.
   *
   * @default 'pgboss'
   */
  schema?: string | undefined;
  /**
   * The name of the default queue. Applications that share a schema need different ones.
   * The name of any other queue follows it after a dot: `nestjs-tasks.media`.
   *
   * @default 'nestjs-tasks'
   */
  queue?: string | undefined;
  /**
   * Whether new jobs are announced with `NOTIFY`. Without it they wait for the next look
   * of a worker (`worker.pollInterval`), and a transaction that stores some can be
   * prepared (`PREPARE TRANSACTION`), which PostgreSQL refuses after a `NOTIFY`.
   *
   * @default true
   */
  notify?: boolean | undefined;
  /**
   * How this process runs jobs; with `false` it only stores them.
   *
   * @default {}
   */
  worker?: false | PgBossWorkerOptions | undefined;
  /**
   * How long a finished job stays in the table, failed ones included.
   *
   * @default '7d'
   */
  keepFinished?: Duration | undefined;
}

const aWorker = optionGroup({
  concurrency: aCount(1),
  queues: workerQueues({
    concurrency: aCount(0),
    limiter: noLimiter('pgBossEngine()'),
  }),
  pollInterval: aDuration,
  lostAfter: (value, option) => {
    if (toMilliseconds(value as Duration, option) < 1_000) {
      refuse(option, 'a duration of 1 second or more', value);
    }
  },
  maxLost: aCount(0),
} satisfies Record<keyof PgBossWorkerOptions, OptionCheck>);

const CHECKS = {
  ...ENGINE_CHECKS,
  connectionString: aMatch(/./, 'a connection string'),
  host: aMatch(/./, 'a host name or a folder of sockets'),
  port: aNumber(1, 65_535),
  database: aMatch(/./, 'the name of a database'),
  user: aMatch(/./, 'the name of a role'),
  password: (value) => {
    // Not described by the usual error, which shows the value.
    if (typeof value === 'string' || typeof value === 'function') return;
    throw new TaskInvalidOptionError(
      '`password` must be a string or a function that returns one.',
    );
  },
  ssl: (value, option) => {
    if (typeof value === 'boolean') return;
    if (typeof value !== 'object' || value === null) {
      refuse(option, 'true, false or the options of a TLS connection', value);
    }
  },
  maxConnections: aCount(2),
  pool: withMethod('query', 'a Pool of pg'),
  db: withMethod('executeSql', 'a database, such as fromPglite(pglite)'),
  schema: aMatch(
    /^[a-z_][a-z0-9_]{0,49}$/i,
    'a name of at most 50 letters, digits and underscores',
  ),
  queue: (value, option) => {
    aMatch(
      /^[\w./-]{1,200}$/,
      'a name of at most 200 letters, digits, and any of _ - . /',
    )(value, option);
    mustBeNoMark(String(value), option);
  },
  notify: aBoolean,
  worker: (value, option) => {
    if (value !== false) aWorker(value, option);
  },
  keepFinished: anAge,
} satisfies Record<keyof PgBossEngineOptions, OptionCheck>;

/** @throws TaskInvalidOptionError for options that cannot be used */
export function checkPgBossOptions(options: PgBossEngineOptions): void {
  checkOptions(options, CHECKS, 'The options of pgBossEngine()');
  const { connectionString, pool, db } = options;
  const isDiscrete = DISCRETE.some((name) => options[name] !== undefined);
  const stores = [connectionString, pool, db, isDiscrete || undefined].filter(
    (store) => store !== undefined,
  );
  const isSslOnly = options.ssl !== undefined && (pool ?? db) !== undefined;
  if (stores.length === 1 && !isSslOnly) return;
  throw new TaskInvalidOptionError(
    'pgBossEngine() needs exactly one of `connectionString`, `pool` and `db`, or `host` and the options beside it; ' +
      `got ${stores.length === 0 ? 'none' : 'several'} of them.`,
  );
}

/** The options that say, without a connection string, where PostgreSQL is. */
const DISCRETE = ['host', 'port', 'database', 'user', 'password'] as const;

function aMatch(pattern: RegExp, wanted: string): OptionCheck {
  return (value, option) => {
    if (typeof value !== 'string' || !pattern.test(value)) {
      refuse(option, wanted, value);
    }
  };
}

function withMethod(method: string, wanted: string): OptionCheck {
  return (value, option) => {
    const { [method]: found } = Object(value) as Record<string, unknown>;
    if (typeof found !== 'function') refuse(option, wanted, value);
  };
}
