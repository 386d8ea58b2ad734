import type { Redis, RedisOptions } from 'ioredis';
import type { Duration } from '../core/duration.js';
import type { EngineOptions } from '../durable/engine-options.js';

/**
 * Where Redis is: options of ioredis, with a `url` if you like, or an instance of it.
 * An instance says how to connect and no more: the engine opens connections like it,
 * and neither uses nor closes yours.
 *
 * @publicApi
 */
export type BullmqConnection =
  | Redis
  | (RedisOptions & {
      /** Such as `'redis://user:password@host:6379/0'`, or `'rediss://…'` for TLS. */
      url?: string | undefined;
    });

/**
 * Which finished jobs stay in Redis: all (`true`), none (`false`), or the newest so
 * many, none older than that. Old ones go when another job ends.
 *
 * @publicApi
 */
export type BullmqKeepPolicy =
  | boolean
  | {
      /** How many. */
      count?: number | undefined;
      /** For how long, to the second. */
      age?: Duration | undefined;
    };

/**
 * Which finished jobs the worker leaves in Redis.
 *
 * @publicApi
 */
export interface BullmqKeep {
  /**
   * Jobs whose task succeeded or was cancelled.
   *
   * @default false
   */
  completed?: BullmqKeepPolicy | undefined;
  /**
   * Jobs whose task has finally failed, or that were refused.
   *
   * @default true
   */
  failed?: BullmqKeepPolicy | undefined;
}

/**
 * How this process runs jobs.
 *
 * @publicApi
 */
export interface BullmqWorkerOptions {
  /**
   * How many jobs run at once in this process.
   *
   * @default 10
   */
  concurrency?: number | undefined;
  /** What BullMQ notes on the jobs that this process runs. */
  name?: string | undefined;
  /** At most `max` jobs begin within `duration`, in all workers of the queue together. */
  limiter?: { max: number; duration: Duration } | undefined;
  /**
   * For how long a job is taken to run although its worker says nothing. A process that
   * computes without a pause for longer than half of this may have its jobs run twice.
   *
   * @default '6s'
   */
  lockDuration?: Duration | undefined;
  /**
   * How often the workers look for jobs whose worker has died.
   *
   * @default '1s'
   */
  stalledInterval?: Duration | undefined;
  /**
   * How often a job runs again because its worker died; after that it is kept as failed.
   *
   * @default 20
   */
  maxStalledCount?: number | undefined;
}

/**
 * The options of `bullmqEngine()`.
 *
 * @publicApi
 */
export interface BullmqEngineOptions extends EngineOptions {
  /** Where Redis is. */
  connection: BullmqConnection;
  /**
   * The name of the queue: the processes of one application share it. No `:`.
   *
   * @default 'nestjs-tasks'
   */
  queue?: string | undefined;
  /**
   * What the keys in Redis begin with.
   *
   * @default 'bull'
   */
  prefix?: string | undefined;
  /**
   * How this process runs jobs; with `false` it only stores them.
   *
   * @default {}
   */
  worker?: BullmqWorkerOptions | false | undefined;
  /** Which finished jobs the worker of this process leaves in Redis. */
  keep?: BullmqKeep | undefined;
}
