import {
  aCount,
  aDuration,
  checkOptions,
  refuse,
  type OptionCheck,
} from '../core/check-options.js';
import { toMilliseconds, type Duration } from '../core/duration.js';
import { TaskError, TaskInvalidOptionError } from '../core/errors.js';
import { argumentCodec } from '../durable/argument-codec.js';
import {
  DEFAULT_MAX_ARGUMENT_BYTES,
  ENGINE_CHECKS,
  type EngineOptions,
} from '../durable/engine-options.js';
import type { DurableEngine } from '../engine/durable-engine.js';
import type { PgBossDatabase } from './pg-boss-database.js';
import { PgBossEngine } from './pg-boss.engine.js';
import type { PgPool } from './pg-pool-database.js';

/**
 * How this process runs jobs.
 *
 * @publicApi
 */
export interface PgBossWorkerOptions {
  /**
   * How many jobs run at once in this process.
   *
   * @default 10
   */
  concurrency?: number | undefined;
  /**
   * How often it looks for jobs that no notification has told it of: those whose pause
   * is over, and all of them where notifications cannot be had.
   *
   * @default '1s'
   */
  pollInterval?: Duration | undefined;
  /**
   * After how long without a sign of life the jobs of a worker are run again by another
   * one. Code that blocks the event loop for longer has its jobs run twice. The same in
   * all workers; 1 second at least.
   *
   * @default '5s'
   */
  lostAfter?: Duration | undefined;
  /**
   * How often in a row a job is run again because its worker was lost. One that kills its
   * workers is then kept as failed.
   *
   * @default 20
   */
  maxLost?: number | undefined;
}

/**
 * The options of `pgBossEngine()`. One of `connectionString`, `pool` and `db` says where
 * the jobs are.
 *
 * @publicApi
 */
export interface PgBossEngineOptions extends EngineOptions {
  /** Where PostgreSQL is, such as `postgres://user:password@host/database`. */
  connectionString?: string | undefined;
  /**
   * How many connections are made to it at most, with `connectionString`. One more hears
   * of new jobs.
   *
   * @default 10
   */
  maxConnections?: number | undefined;
  /** A pool of `pg` that the application has, and closes, itself. */
  pool?: PgPool | undefined;
  /** Another database, such as `fromPglite(pglite)`, or an adapter of pg-boss. */
  db?: PgBossDatabase | undefined;
  /**
   * The schema with the tables of pg-boss. It is created when it is not there, and brought
   * up to date.
   *
   * @default 'pgboss'
   */
  schema?: string | undefined;
  /**
   * The name of the queue. Applications that share a schema have one each.
   *
   * @default 'nestjs-tasks'
   */
  queue?: string | undefined;
  /** How this process runs jobs; `false` when it only stores them. */
  worker?: false | PgBossWorkerOptions | undefined;
  /**
   * For how long a job stays in the table after its end, the failed ones included.
   *
   * @default '7d'
   */
  keepFinished?: Duration | undefined;
}

const aName = (pattern: RegExp, wanted: string): OptionCheck => {
  return (value, option) => {
    if (typeof value !== 'string' || !pattern.test(value)) {
      refuse(option, wanted, value);
    }
  };
};

const withMethod = (method: string, wanted: string): OptionCheck => {
  return (value, option) => {
    const { [method]: found } = Object(value) as Record<string, unknown>;
    if (typeof found !== 'function') refuse(option, wanted, value);
  };
};

const WORKER_CHECKS = {
  concurrency: aCount(1),
  pollInterval: aDuration,
  lostAfter: (value, option) => {
    if (toMilliseconds(value as Duration, option) < 1_000) {
      refuse(option, 'a second at least', value);
    }
  },
  maxLost: aCount(0),
} satisfies Record<keyof PgBossWorkerOptions, OptionCheck>;

const CHECKS = {
  ...ENGINE_CHECKS,
  connectionString: aName(/./, 'a connection string'),
  maxConnections: aCount(2),
  pool: withMethod('query', 'a Pool of pg'),
  db: withMethod('executeSql', 'a database, such as fromPglite(pglite)'),
  schema: aName(
    /^[a-z_][a-z0-9_]{0,49}$/i,
    'a name of letters, digits and underscores',
  ),
  queue: aName(
    /^[\w./-]{1,200}$/,
    'a name of letters, digits, and any of _ - . /',
  ),
  worker: (value) => {
    if (value !== false) {
      checkOptions(value, WORKER_CHECKS, 'The options of `worker`');
    }
  },
  keepFinished: aDuration,
} satisfies Record<keyof PgBossEngineOptions, OptionCheck>;

/**
 * Stores durable tasks in PostgreSQL, by pg-boss, and runs them: in the processes that
 * have a `worker`, each job in one of them. A task can be stored by the transaction that
 * stores what it is about (see `fromPg()` and its like).
 *
 * @throws TaskInvalidOptionError for options that cannot be used
 * @throws TaskError on a Node.js that is older than pg-boss 12 needs
 *
 * @example
 * ```ts
 * TasksModule.forRoot({
 *   engine: pgBossEngine({
 *     connectionString: process.env.DATABASE_URL,
 *     worker: { concurrency: 20 },
 *   }),
 * });
 * ```
 *
 * @publicApi
 */
export function pgBossEngine(options: PgBossEngineOptions): DurableEngine {
  checkOptions(options, CHECKS, 'The options of pgBossEngine()');
  const { connectionString, pool, db } = options;
  const places = [connectionString, pool, db].filter(
    (place) => place !== undefined,
  );
  if (places.length !== 1) {
    throw new TaskInvalidOptionError(
      'pgBossEngine() needs one of `connectionString`, `pool` and `db`, ' +
        `but it was given ${places.length === 0 ? 'none' : 'several'} of them.`,
    );
  }
  checkNodeVersion(process.versions.node);
  return new PgBossEngine(
    argumentCodec(options.maxArgumentBytes ?? DEFAULT_MAX_ARGUMENT_BYTES),
    options,
  );
}

function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw new TaskError(
    'TASK_INVALID_OPTION',
    `pgBossEngine() cannot be used with Node.js ${version}: pg-boss 12 needs Node.js 22.12 or later. ` +
      'Update Node.js, or use another engine.',
  );
}
