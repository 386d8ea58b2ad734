import {
  DelayedError,
  UnrecoverableError,
  WaitingError,
  type Job,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.js';
import { toMilliseconds } from '../core/duration.js';
import { messageOf } from '../core/to-error.js';
import type {
  EngineHost,
  TaskJob,
  TaskJobOutcome,
} from '../engine/durable-engine.js';
import type {
  BullmqEngineOptions,
  BullmqWorkerOptions,
} from './bullmq-engine-options.js';
import { connectRedis } from './connect-redis.js';
import { NeverAgainError, RetryLaterError } from './failed-attempt.js';
import { JobWorker } from './job-worker.js';
import { keepJobsOf } from './keep-jobs.js';
import type { OutageLog } from './outage-log.js';

/** The pause before a job runs again whose end could not be told to Redis. */
const UNTOLD_PAUSE_MS = 1_000;

/** The pause before a job runs again that this process had no place for. */
const FULL_PAUSE_MS = 1_000;

/** For how long a shutdown waits for Redis to take note, once nothing runs. */
const LAST_WORDS_MS = 1_000;

/** Takes jobs from the queue and has the application run them. */
export class JobConsumer {
  readonly #host: EngineHost;
  readonly #clock: Clock;
  readonly #client: Redis;
  /** Every connection of the worker: this one, and those that BullMQ makes like it. */
  readonly #clients: Redis[];
  readonly #worker: JobWorker;
  #running = 0;
  #whenQuiet: (() => void) | undefined;
  #isPaused = false;

  constructor(
    options: BullmqEngineOptions,
    worker: BullmqWorkerOptions,
    name: string,
    prefix: string,
    host: EngineHost,
    outages: OutageLog,
    clock: Clock,
  ) {
    this.#host = host;
    this.#clock = clock;
    // A worker waits for as long as it takes: what a job ended with must be told.
    this.#client = connectRedis(options.connection, {
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
    });
    this.#clients = [this.#client];
    outages.watch(this.#client);
    const duplicate = this.#client.duplicate.bind(this.#client);
    this.#client.duplicate = (...override) => {
      const client = duplicate(...override);
      outages.watch(client);
      this.#clients.push(client);
      return client;
    };
    this.#worker = new JobWorker(
      name,
      (job: Job, token?: string) => this.#run(job, token),
      {
        connection: this.#client,
        prefix,
        ...workerOptions(worker),
        removeOnComplete: keepJobsOf(options.keep?.completed ?? false),
        removeOnFail: keepJobsOf(options.keep?.failed ?? true),
      },
    );
    this.#worker.on('error', (error) => outages.report(error));
    this.#worker.on('failed', (job, error) => this.#tellOfLoss(job, error));
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#worker.pause(true);
  }

  /** Waits for what runs, and until its end is told, for that long at most. */
  async close(withinMs: number): Promise<void> {
    this.#isPaused = true;
    const stopTimers: (() => void)[] = [];
    const after = (ms: number) =>
      new Promise<void>((resolve) => {
        stopTimers.push(this.#clock.after(ms, resolve));
      });
    const late = after(withinMs);
    const quiet = new Promise<void>((resolve) => (this.#whenQuiet = resolve));
    if (this.#running === 0) this.#whenQuiet?.();
    const untold = quiet.then(() => after(LAST_WORDS_MS));
    await Promise.race([this.#worker.close(), untold, late]);
    for (const stop of stopTimers) stop();
    this.#worker.abandon();
    for (const client of this.#clients) {
      if (client.status !== 'end') client.disconnect();
    }
  }

  async #run(job: Job, token: string | undefined): Promise<void> {
    // It was under way when the worker was paused.
    if (this.#isPaused) return putBack(job, token);
    this.#running += 1;
    try {
      const data: unknown = job.data;
      // An attempt whose worker died is one: it may have done its work.
      const attempt = job.attemptsMade + job.stalledCounter + 1;
      const outcome = isTaskJob(data)
        ? await this.#host.run(data, attempt)
        : this.#refuse(job);
      const putting = this.#handle(job, token, outcome);
      if (putting) await putting;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#whenQuiet?.();
    }
  }

  #refuse(job: Job): TaskJobOutcome {
    const error = new Error(
      `Job ${job.id} was not stored by nestjs-tasks: it holds no task`,
    );
    this.#host.log.error(error.message, error);
    return { status: 'refused', error };
  }

  /** @throws what tells BullMQ that the job has not succeeded */
  #handle(
    job: Job,
    token: string | undefined,
    outcome: TaskJobOutcome,
  ): Promise<never> | undefined {
    switch (outcome.status) {
      case 'done':
        return undefined;
      case 'returned':
        // A worker that goes on would take it again before it has a place for it.
        return this.#isPaused ? putBack(job, token) : putOff(job, token);
      case 'retry':
        throw new RetryLaterError(outcome.error, outcome.afterMs);
      default:
        throw new NeverAgainError(outcome.error);
    }
  }

  /** BullMQ gives a job up whose workers died too often, without asking. */
  #tellOfLoss(job: Job | undefined, error: Error): void {
    const isLost = error instanceof UnrecoverableError;
    if (!isLost || error instanceof NeverAgainError) return;
    this.#host.log.error(
      `Job ${job?.id} of task "${job?.name}" does not run again: ${messageOf(error)}. The engine keeps it as failed.`,
      error,
    );
  }
}

function isTaskJob(data: unknown): data is TaskJob {
  return typeof data === 'object' && data !== null;
}

/** Has a job run again in a while, with the attempt not counted. */
async function putOff(job: Job, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + FULL_PAUSE_MS, token);
  throw new DelayedError();
}

/** Puts a job back where it was, with the attempt not counted. */
async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

function workerOptions({
  concurrency = 10,
  name,
  limiter,
  lockDuration = '6s',
  stalledInterval = '1s',
  maxStalledCount = 20,
}: BullmqWorkerOptions): Omit<WorkerOptions, 'connection'> {
  return {
    concurrency,
    ...(name !== undefined && { name }),
    ...(limiter && {
      limiter: {
        max: limiter.max,
        duration: toMilliseconds(limiter.duration, 'limiter.duration'),
      },
    }),
    lockDuration: toMilliseconds(lockDuration, 'lockDuration'),
    stalledInterval: toMilliseconds(stalledInterval, 'stalledInterval'),
    maxStalledCount,
    runRetryDelay: UNTOLD_PAUSE_MS,
    settings: {
      backoffStrategy: (_attempts, _type, error) =>
        error instanceof RetryLaterError ? error.afterMs : UNTOLD_PAUSE_MS,
    },
  };
}
