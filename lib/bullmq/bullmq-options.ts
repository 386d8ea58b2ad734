import {
  aCount,
  aDuration,
  aString,
  checkOptions,
  refuse,
  optionGroup,
  type OptionCheck,
} from '../core/options/check-options.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { toMilliseconds, type Duration } from '../core/base/duration.js';
import {
  ENGINE_CHECKS,
  type EngineOptions,
} from '../engine-kit/engine-options.js';
import {
  workerQueues,
  type QueueOptions,
  type WorkerQueues,
} from '../engine-kit/queues.js';

import {
  aConnection,
  isCluster,
  type BullmqConnection,
} from './bullmq-connection.js';
import { aKeep, type BullmqKeep } from './keep-policy.js';

/**
 * At most `max` jobs of a queue start within `duration`, over all its workers.
 *
 * @publicApi
 */
export interface BullmqLimiter {
  /** How many jobs start. */
  max: number;
  /** Within which time. */
  duration: Duration;
}

/**
 * How this process works one queue.
 *
 * @publicApi
 */
export interface BullmqQueueOptions extends QueueOptions {
  /**
   * Limits how many of its jobs start within a time, over all its workers, which need the
   * same limiter.
   *
   * @default that of the worker
   */
  limiter?: BullmqLimiter | undefined;
}

/**
 * How this process runs jobs.
 *
 * @publicApi
 */
export interface BullmqWorkerOptions {
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
  queues?: WorkerQueues<BullmqQueueOptions> | undefined;
  /** The worker name that BullMQ records on the jobs that this process runs. */
  name?: string | undefined;
  /** At most `max` jobs of each queue start within `duration`, over all its workers. */
  limiter?: BullmqLimiter | undefined;
  /**
   * How long a job stays locked by a worker that does not renew the lock; after that
   * another worker runs it. A process that blocks its event loop for more than half of
   * this may have its jobs run twice. 100 ms at least.
   *
   * @default '6s'
   */
  lockDuration?: Duration | undefined;
  /**
   * How often the workers look for jobs whose worker has died. 100 ms at least.
   *
   * @default '1s'
   */
  stalledInterval?: Duration | undefined;
  /**
   * How often a job is run again because its worker died, before it is kept as failed.
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
   * The name of the default queue, which the processes of one application share. Without
   * `:`. The name of any other queue follows it after a dot: `nestjs-tasks.media`.
   *
   * @default 'nestjs-tasks'
   */
  queue?: string | undefined;
  /**
   * The prefix of the keys in Redis. With a cluster, all keys of a queue must be on one
   * node, so that its prefix or name must have a part in braces.
   *
   * @default 'bull', and '{nestjs-tasks}' with a cluster
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

/** A cluster chooses the node of a key by this part alone. */
const HASH_TAG = /\{[^}]+\}/;

const aLimit = optionGroup({ max: aCount(1), duration: aDuration });

const aWorker = optionGroup({
  concurrency: aCount(1),
  queues: workerQueues({
    concurrency: aCount(0),
    limiter: aLimiter,
  } satisfies Record<keyof BullmqQueueOptions, OptionCheck>),
  name: aKeyPart,
  limiter: aLimiter,
  lockDuration: anInterval,
  stalledInterval: anInterval,
  maxStalledCount: aCount(0),
} satisfies Record<keyof BullmqWorkerOptions, OptionCheck>);

const CHECKS = {
  ...ENGINE_CHECKS,
  connection: aConnection,
  queue: aKeyPart,
  prefix: aPrefix,
  worker: (value, option) => {
    if (value !== false) aWorker(value, option);
  },
  keep: aKeep,
} satisfies Record<keyof BullmqEngineOptions, OptionCheck>;

/** @throws TaskInvalidOptionError for options that cannot be used */
export function checkBullmqOptions(options: BullmqEngineOptions): void {
  checkOptions(options, CHECKS, 'The options of bullmqEngine()');
  const { connection, prefix, queue } = options;
  if (connection === undefined) aConnection(undefined, 'connection');
  const isScattered =
    prefix !== undefined && !HASH_TAG.test(`${prefix}:${queue}`);
  if (isCluster(connection) && isScattered) {
    throw new TaskInvalidOptionError(
      `\`prefix\` must have a part in braces, such as '{${prefix}}', because all keys of a queue must be on one node of a cluster, got '${prefix}'.`,
    );
  }
}

/** BullMQ separates the parts of its keys with colons. */
function aKeyPart(value: unknown, option: string): void {
  aString(value, option);
  if (value === '' || (value as string).includes(':')) {
    refuse(option, 'a non-empty name without ":"', value);
  }
}

function aPrefix(value: unknown, option: string): void {
  aString(value, option);
  if (value === '') refuse(option, 'a non-empty string', value);
}

function anInterval(value: unknown, option: string): void {
  if (!(toMilliseconds(value as Duration, option) >= 100)) {
    refuse(option, 'a duration of 100 ms or more', value);
  }
}

function aLimiter(value: unknown, option: string): void {
  aLimit(value, option);
  const { max, duration } = value as { max?: number; duration?: Duration };
  if (max === undefined || duration === undefined) {
    refuse(option, 'an object with `max` and `duration`', value);
  }
}
