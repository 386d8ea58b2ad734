import type { Job } from 'bullmq';
import type { Clock } from '../core/base/clock.js';
import { TaskCancelledError } from '../core/base/errors.js';
import type { RedisClient } from './bullmq-connection.js';
import { CANCELLED_FIELD, MARKS } from './stored-marks.js';

/** How often a worker looks for running jobs that are to be cancelled. */
const LOOK_MS = 400;
/** How often it removes what is no longer to be kept. */
const SWEEP_MS = 30_000;
/** How much it removes at a time, until nothing is left. */
const SWEPT_AT_ONCE = 100;
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
  #isSweeping = false;
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

  /** Whether somebody took this job to cancel it, and could not end it. */
  async isCancelled({
    id = '',
    stalledCounter,
  }: Pick<Job, 'id' | 'stalledCounter'>): Promise<boolean> {
    // Only one that nobody renewed the lock of is asked about.
    if (stalledCounter === 0) return false;
    const key = this.#jobs.toKey(id);
    return (await this.#client.hexists(key, CANCELLED_FIELD)) === 1;
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
        void this.#sweep(key);
      }
    } catch {
      // The next look may have better luck; an outage is reported by the worker itself.
    }
    this.#stopTimer = undefined;
    if (this.#jobs.areRunning()) this.watch();
  }

  /** However long it takes, looks go on meanwhile. */
  async #sweep(cancelling: string): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      const staleMs = Date.now() - STALE_MS;
      await this.#client.zremrangebyscore(cancelling, '-inf', staleMs);
      await this.#removeResults();
      await this.#unmarkGone();
    } catch {
      // As for a look.
    } finally {
      this.#isSweeping = false;
    }
  }

  /** Those that cannot be removed now are left to a later sweep. */
  async #removeResults(): Promise<void> {
    const results = this.#jobs.toKey(MARKS.results);
    let left = 0;
    while (!this.#isStopped) {
      const over = await this.#client.zrangebyscore(
        results,
        '-inf',
        Date.now(),
        'LIMIT',
        left,
        SWEPT_AT_ONCE,
      );
      const removals = await Promise.allSettled(
        over.map((id) => this.#removeResult(id, results)),
      );
      left += removals.filter(({ status }) => status === 'rejected').length;
      if (over.length < SWEPT_AT_ONCE) return;
    }
  }

  async #removeResult(id: string, results: string): Promise<void> {
    // One that was retried by BullMQ's own means is to run.
    const completed = this.#jobs.toKey('completed');
    const hasEnded = (await this.#client.zscore(completed, id)) !== null;
    if (hasEnded) await this.#jobs.remove(id);
    await this.#client.zrem(results, id);
  }

  /** The oldest ones may have been removed by BullMQ's policy or by hand. */
  async #unmarkGone(): Promise<void> {
    const cancelled = this.#jobs.toKey(MARKS.cancelled);
    while (!this.#isStopped) {
      const last = String(SWEPT_AT_ONCE - 1);
      const oldest = await this.#client.zrange(cancelled, '0', last);
      const exist = await Promise.all(
        oldest.map((id) => this.#client.exists(this.#jobs.toKey(id))),
      );
      const gone = oldest.filter((_, at) => exist[at] === 0);
      if (gone.length > 0) await this.#client.zrem(cancelled, ...gone);
      if (gone.length < SWEPT_AT_ONCE) return;
    }
  }
}
