import { Queue, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/to-error.js';
import type { TaskJob } from '../engine/durable-engine.js';
import { AnswerWatch } from './answer-watch.js';
import type { BullmqConnection } from './bullmq-engine-options.js';
import { connectRedis } from './connect-redis.js';
import { describeError, type OutageLog } from './outage-log.js';
import { storeIdOf } from './store-id.js';

/** Whether a further attempt follows is the worker's decision, and so is the pause. */
const BY_THE_WORKER: JobsOptions = {
  attempts: 2 ** 31 - 1,
  backoff: { type: 'nestjs-tasks' },
};

/** The states in which a job has not begun. */
const WAITING: readonly string[] = [
  'waiting',
  'delayed',
  'prioritized',
  'paused',
];

/**
 * Stores jobs. No call waits longer than `timeoutMs`, and when Redis has been away for
 * as long already, none waits at all.
 */
export class JobQueue {
  readonly #queue: Queue;
  readonly #client: Redis;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #answers: AnswerWatch;
  #isConnected = false;
  #awaySinceMs: number;
  #lastError: Error | undefined;
  readonly #waiting = new Set<(error?: Error) => void>();

  constructor(
    connection: BullmqConnection,
    name: string,
    prefix: string,
    timeoutMs: number,
    outages: OutageLog,
    clock: Clock,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#answers = new AnswerWatch(clock, timeoutMs, () => {
      this.#isGone();
      // So that ioredis drops what it waits for.
      this.#client.disconnect(true);
    });
    this.#awaySinceMs = clock.now();
    // What cannot be said now must not be said later, when it has run elsewhere.
    this.#client = connectRedis(connection, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    outages.watch(this.#client);
    this.#client.on('error', (error: Error) => (this.#lastError = error));
    this.#client.on('close', () => this.#isGone());
    this.#client.on('ready', () => {
      this.#isConnected = true;
      this.#tellWaiting();
    });
    this.#queue = new Queue(name, {
      connection: this.#client,
      prefix,
      // An INFO that is not answered would leave the queue unusable for good.
      skipVersionCheck: true,
    });
    this.#queue.on('error', (error) => outages.report(error));
  }

  add(jobs: readonly TaskJob[]): Promise<readonly string[]> {
    return this.#inTime(async () => {
      const stored = await this.#queue.addBulk(jobs.map(bulkJob));
      return stored.map(({ id }, index) => id ?? jobs[index]?.id ?? '');
    });
  }

  remove(id: string): Promise<boolean> {
    return this.#inTime(async () => {
      const state = await this.#queue.getJobState(id);
      return WAITING.includes(state) && (await this.#queue.remove(id)) === 1;
    });
  }

  /** Resolves when Redis is there, or it is clear that it is not. */
  async ready(): Promise<void> {
    const failed = new Promise((resolve) =>
      this.#client.once('error', resolve),
    );
    await Promise.race([this.#connected(), failed]).catch(() => {});
  }

  async close(): Promise<void> {
    this.#tellWaiting(new Error('the application shuts down'));
    this.#answers.stop();
    this.#client.disconnect();
    await this.#queue.close();
  }

  async #inTime<T>(act: () => Promise<T>): Promise<T> {
    if (!this.#isConnected) await this.#connected();
    try {
      return await this.#answers.within(act());
    } catch (error) {
      if (!isUnsent(error)) throw lossOf(error);
      // The connection was ending, and did not say so yet.
      this.#isGone();
      await this.#connected();
      return this.#answers.within(act());
    }
  }

  #isGone(): void {
    if (this.#isConnected) this.#awaySinceMs = this.#clock.now();
    this.#isConnected = false;
  }

  /** @throws (rejects with) an error when Redis is not there in time */
  async #connected(): Promise<void> {
    if (this.#isConnected) return;
    const leftMs = this.#awaySinceMs + this.#timeoutMs - this.#clock.now();
    if (leftMs <= 0) throw this.#unreachable();
    let stopTimer: (() => void) | undefined;
    let settle: ((error?: Error) => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        settle = (error) => (error ? reject(error) : resolve());
        this.#waiting.add(settle);
        stopTimer = this.#clock.after(leftMs, () =>
          reject(this.#unreachable()),
        );
      });
    } finally {
      stopTimer?.();
      if (settle) this.#waiting.delete(settle);
    }
  }

  #tellWaiting(error?: Error): void {
    for (const settle of this.#waiting) settle(error);
  }

  #unreachable(): Error {
    const cause = this.#lastError;
    return new Error(
      `Redis cannot be reached: ${cause ? describeError(cause) : 'it does not answer'}`,
      { cause },
    );
  }
}

/** Whether ioredis has not sent anything, and has kept nothing to be sent later. */
function isUnsent(error: unknown): boolean {
  return messageOf(error).includes('enableOfflineQueue');
}

function lossOf(error: unknown): unknown {
  return error instanceof Error && error.name === 'MaxRetriesPerRequestError'
    ? new Error('the connection was lost before Redis had answered', {
        cause: error,
      })
    : error;
}

function bulkJob(job: TaskJob): {
  name: string;
  data: TaskJob;
  opts: JobsOptions;
} {
  const { id, key, task } = job;
  const opts: JobsOptions = { ...BY_THE_WORKER, jobId: storeIdOf(id) };
  if (key !== undefined) {
    // While one runs, the next one waits for its end: it is no duplicate.
    opts.deduplication = { id: key, keepLastIfActive: true };
  }
  return { name: task, data: job, opts };
}
