import {
  aLimit,
  checkOptions,
  optionGroup,
  type OptionCheck,
} from '../core/options/check-options.js';
import {
  ENGINE_CHECKS,
  type EngineOptions,
} from '../engine-kit/engine-options.js';
import {
  noLimiter,
  workerQueues,
  type QueueWorkers,
  type WorkerQueues,
} from '../engine-kit/queues.js';

/**
 * The options of `inProcessEngine()`.
 *
 * @publicApi
 */
export interface InProcessEngineOptions extends EngineOptions {
  /**
   * How many jobs of each queue run at once; the same as `worker.concurrency`.
   *
   * @default 10
   */
  concurrency?: number | undefined;
  /**
   * How this process runs jobs.
   *
   * @default {}
   */
  worker?: InProcessWorkerOptions | undefined;
}

/**
 * How this process runs jobs.
 *
 * @publicApi
 */
export interface InProcessWorkerOptions {
  /**
   * How many jobs of each queue run at once.
   *
   * @default 10
   */
  concurrency?: number | undefined;
  /**
   * The queues that this process works, each with its concurrency or its options, such as
   * `{ default: 20, media: 2 }`. Jobs of other queues wait, and are lost with the process.
   *
   * @default all queues that declared tasks name
   */
  queues?: WorkerQueues | undefined;
}

/** What the options say of the queues. */
export function queueWorkers({
  concurrency = 10,
  worker = {},
}: InProcessEngineOptions): QueueWorkers {
  return {
    concurrency: worker.concurrency ?? concurrency,
    queues: worker.queues,
  };
}

const aWorker = optionGroup({
  concurrency: aLimit(1),
  queues: workerQueues({
    concurrency: aLimit(0),
    limiter: noLimiter('inProcessEngine()'),
  }),
} satisfies Record<keyof InProcessWorkerOptions, OptionCheck>);

const CHECKS = {
  ...ENGINE_CHECKS,
  concurrency: aLimit(1),
  worker: aWorker,
} satisfies Record<keyof InProcessEngineOptions, OptionCheck>;

/** @throws TaskInvalidOptionError for options that cannot be used */
export function checkInProcessOptions(options: InProcessEngineOptions): void {
  checkOptions(options, CHECKS, 'The options of inProcessEngine()');
}
