import type { Clock } from '../core/base/clock.js';
import { TaskCancelledError } from '../core/base/errors.js';
import type { RedisClient } from './bullmq-connection.js';
import { CANCELLED_FIELD, MARKS } from './stored-marks.js';

/** How often a worker looks for running jobs that are to be cancelled. */
const LOOK_MS = 400;
/** How often it removes what is no longer to be kept. */
const SWEEP_MS = 30_000;
/** How much it removes at a time. */
const MOST_SWEPT = 100;
/** After that long, nobody runs a job any more that was to be cancelled. */
const STALE_MS = 3_600_000;

/** The running jobs of a worker, as its watch for cancellations sees them. */
export interface CancellableJobs {
  /** Whether any job runs. */
  areRunning(): boolean;
  /** Fires the signal of a job, if it runs here. */
  cancel(jobId: string, reason: Error): void;
  toKey(name: string): string;
  remove(jobId: string): Promise<unknown>;
}

/**
 * Looks, while jobs run, for those that are to be cancelled, and marks those that were. Also
 * removes results that are no longer to be kept, as BullMQ has one age for all jobs.
 */
export class Cancellations {
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #jobs: CancellableJobs;
  #stopTimer: (() => void) | undefined;
  #sweptAtMs = -Infinity;
  #isStopped = false;

  constructor(client: RedisClient, clock: Clock, jobs: CancellableJobs) {
    this.#client = client;
    this.#clock = clock;
    this.#jobs = jobs;
  }

  /** A job has begun to run. */
  watch(): void {
    if (this.#stopTimer || this.#isStopped) return;
    this.#stopTimer = this.#clock.after(LOOK_MS, () => void this.#look());
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
  }

  /** Before a job is moved to the failed ones: that it was cancelled. */
  async mark(jobId: string): Promise<void> {
    const cancelled = this.#jobs.toKey(MARKS.cancelled);
    const cancelling = this.#jobs.toKey(MARKS.cancelling);
    await Promise.all([
      this.#client.hset(this.#jobs.toKey(jobId), CANCELLED_FIELD, '1'),
      this.#client.zadd(cancelled, Date.now(), jobId),
      this.#client.zrem(cancelling, jobId),
    ]);
  }

  /** Before a job is moved to the completed ones: until when its result is to be kept. */
  async keep(jobId: string, until: number): Promise<void> {
    await this.#client.zadd(this.#jobs.toKey(MARKS.results), until, jobId);
  }

  async #look(): Promise<void> {
    try {
      const key = this.#jobs.toKey(MARKS.cancelling);
      for (const id of await this.#client.zrange(key, '0', '-1')) {
        this.#jobs.cancel(id, new TaskCancelledError(id));
      }
      const nowMs = this.#clock.now();
      if (nowMs - this.#sweptAtMs >= SWEEP_MS) {
        this.#sweptAtMs = nowMs;
        await this.#sweep(key);
      }
    } catch {
      // The next look may have better luck; an outage is reported by the worker itself.
    }
    this.#stopTimer = undefined;
    if (this.#jobs.areRunning()) this.watch();
  }

  async #sweep(cancelling: string): Promise<void> {
    const client = this.#client;
    await client.zremrangebyscore(cancelling, '-inf', Date.now() - STALE_MS);
    const results = this.#jobs.toKey(MARKS.results);
    const over = await client.zrangebyscore(
      results,
      '-inf',
      Date.now(),
      'LIMIT',
      0,
      MOST_SWEPT,
    );
    for (const id of over) {
      await this.#jobs.remove(id);
      await client.zrem(results, id);
    }
    const cancelled = this.#jobs.toKey(MARKS.cancelled);
    for (const id of await client.zrange(
      cancelled,
      '0',
      String(MOST_SWEPT - 1),
    )) {
      // The oldest ones may have been removed by BullMQ's policy or by hand.
      if (await client.exists(this.#jobs.toKey(id))) continue;
      await client.zrem(cancelled, id);
    }
  }
}
