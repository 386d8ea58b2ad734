import type { KeepJobs, WorkerOptions } from 'bullmq';
import { toMilliseconds } from '../core/base/duration.js';
import {
  storedQueue,
  type QueueWork,
  type QueueWorkers,
} from '../engine-kit/queues.js';
import { unknownForMs } from '../engine-kit/unknown-jobs.js';
import { isCluster } from './bullmq-connection.js';
import type {
  BullmqEngineOptions,
  BullmqLimiter,
  BullmqQueueOptions,
  BullmqWorkerOptions,
} from './bullmq-options.js';
import { keepSettings } from './keep-policy.js';

const CLUSTER_PREFIX = '{nestjs-tasks}';

/** Checked options with their defaults, in the units of BullMQ. */
export interface BullmqSettings {
  readonly queue: string;
  readonly prefix: string;
  readonly enqueueTimeoutMs: number;
  readonly unknownForMs: number;
  /** Which failed jobs are kept, cancelled ones included. */
  readonly keptFailed: KeepJobs;
  readonly application: string | undefined;
  /** `false` when this process only stores jobs. */
  readonly worker:
    | false
    | (QueueWorkers<BullmqQueueOptions> & {
        /** Those of all queues. */
        readonly options: Omit<WorkerOptions, 'connection'>;
      });
}

/** How a worker of BullMQ works one queue. */
export interface QueueWorkOptions {
  /** Its name in Redis. */
  readonly queue: string;
  readonly options: Omit<WorkerOptions, 'connection'>;
}

/** In the units of BullMQ. */
export function queueWorkOptions(
  { queue, worker }: BullmqSettings,
  name: string,
  { concurrency, limiter }: QueueWork<BullmqQueueOptions>,
): QueueWorkOptions {
  return {
    queue: storedQueue(queue, name),
    options: {
      ...(worker && worker.options),
      concurrency,
      ...(limiter && { limiter: limiterOf(limiter) }),
    },
  };
}

export function bullmqSettings({
  connection,
  queue = 'nestjs-tasks',
  prefix = isCluster(connection) ? CLUSTER_PREFIX : 'bull',
  enqueueTimeout = '2s',
  unknownFor,
  application,
  worker = {},
  keep = {},
}: BullmqEngineOptions): BullmqSettings {
  return {
    queue,
    prefix,
    unknownForMs: unknownForMs(unknownFor),
    application,
    keptFailed: keepSettings(keep).removeOnFail,
    enqueueTimeoutMs: toMilliseconds(enqueueTimeout, 'enqueueTimeout'),
    worker: worker && {
      concurrency: worker.concurrency ?? 10,
      queues: worker.queues,
      options: {
        prefix,
        ...workerSettings(worker),
        ...keepSettings(keep),
      },
    },
  };
}

function limiterOf({ max, duration }: BullmqLimiter): {
  max: number;
  duration: number;
} {
  return { max, duration: toMilliseconds(duration, 'limiter.duration') };
}

function workerSettings({
  name,
  limiter,
  lockDuration = '6s',
  stalledInterval = '1s',
  maxStalledCount = 20,
}: BullmqWorkerOptions): Omit<WorkerOptions, 'connection'> {
  return {
    ...(name !== undefined && { name }),
    ...(limiter && { limiter: limiterOf(limiter) }),
    lockDuration: toMilliseconds(lockDuration, 'worker.lockDuration'),
    stalledInterval: toMilliseconds(stalledInterval, 'worker.stalledInterval'),
    maxStalledCount,
  };
}
