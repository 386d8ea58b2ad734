import { WaitingError, type Job } from 'bullmq';
import { TaskLostError } from '../core/base/durable-errors.js';
import type { EngineHost, TaskJobOutcome } from '../durable/durable-engine.js';
import { pauseOfUnknown } from '../engine-kit/unknown-jobs.js';
import type { RedisClient } from './bullmq-connection.js';
import type { Cancellations } from './cancellations.js';
import {
  CancelledAttemptError,
  NeverAgainError,
  RetryLaterError,
} from './failed-attempt.js';
import { postpone, putBack } from './put-back.js';
import type { KeptResult } from './stored-view.js';

/** The pause before a job runs again for which this process had no free slot. */
const FULL_PAUSE_MS = 1_000;

/** The field of a job that says since when no worker has known it, and after how many starts. */
const UNKNOWN_SINCE = 'nestjs-tasks:unknown-since';

/** An attempt at a job that has ended. */
interface Attempt {
  readonly job: Job;
  readonly token: string | undefined;
  /** Why its signal has fired. */
  readonly lostBecause: unknown;
}

/** Reports to BullMQ, by what its processor returns or throws, how attempts have ended. */
export class AttemptEnds {
  readonly #client: RedisClient;
  readonly #toKey: (jobId: string) => string;
  readonly #host: EngineHost;
  readonly #unknownForMs: number;
  readonly #cancellations: Cancellations;

  constructor(
    client: RedisClient,
    toKey: (jobId: string) => string,
    host: EngineHost,
    unknownForMs: number,
    cancellations: Cancellations,
  ) {
    this.#client = client;
    this.#toKey = toKey;
    this.#host = host;
    this.#unknownForMs = unknownForMs;
    this.#cancellations = cancellations;
  }

  /**
   * Returns what BullMQ keeps as the return value of the job.
   *
   * @param isPaused whether the worker is shutting down
   * @throws the error that BullMQ expects for an outcome other than success
   */
  handle(
    { job, token, lostBecause }: Attempt,
    outcome: TaskJobOutcome,
    isPaused: boolean,
  ): Promise<unknown> | undefined {
    switch (outcome.status) {
      case 'done':
        return this.#keepResult(job, outcome);
      case 'cancelled':
        return this.#endCancelled(job, outcome.error);
      case 'returned':
        // Without a pause, a worker that is not shutting down would take it again at once.
        return isPaused
          ? putBack(job, token)
          : postpone(job, token, FULL_PAUSE_MS);
      case 'unknown':
        return this.#putUnknown(job, token, outcome.error);
      case 'lost':
        if (!(lostBecause instanceof TaskLostError)) {
          return this.#endCancelled(job, outcome.error);
        }
        // Nothing is to be recorded.
        throw new WaitingError();
      case 'postponed':
        return postpone(job, token, Math.ceil(outcome.afterMs));
      case 'retry':
        throw new RetryLaterError(outcome.error, outcome.afterMs);
      default:
        throw new NeverAgainError(outcome.error);
    }
  }

  /** @throws the error by which BullMQ is notified, always */
  async #endCancelled(job: Job, error: Error): Promise<never> {
    await this.#cancellations.mark(job.id ?? '');
    throw new CancelledAttemptError(error);
  }

  /** What BullMQ keeps as the return value of the job. */
  async #keepResult(
    job: Job,
    { result, keepMs = 0 }: TaskJobOutcome & { status: 'done' },
  ): Promise<KeptResult | undefined> {
    if (result === undefined) return undefined;
    const until = Date.now() + keepMs;
    await this.#cancellations.keep(job.id ?? '', until);
    job.opts.removeOnComplete ??= false;
    return { result, until };
  }

  async #putUnknown(
    job: Job,
    token: string | undefined,
    error: Error,
  ): Promise<never> {
    const starts = job.attemptsStarted - 1;
    const key = this.#keyOf(job);
    const noted = await this.#client.hget(key, UNKNOWN_SINCE);
    const [atStarts, notedMs] = (noted ?? '').split(':').map(Number);
    // Since then it may have been run by a worker that knows it.
    const sinceMs = notedMs && atStarts === starts ? notedMs : Date.now();
    const pauseMs = pauseOfUnknown(Date.now() - sinceMs, this.#unknownForMs);
    if (pauseMs === undefined) {
      this.#host.log.error(`${error.message} That time is over.`, error);
      throw new NeverAgainError(error);
    }
    await this.#client.hset(key, UNKNOWN_SINCE, `${starts}:${sinceMs}`);
    await this.uncountStart(job);
    return postpone(job, token, pauseMs);
  }

  /** Its start does not count. */
  async uncountStart(job: Job): Promise<void> {
    await this.#client.hincrby(this.#keyOf(job), 'ats', -1);
  }

  /** Gives a job all its retries again. */
  async forgetFailures(job: Job): Promise<void> {
    job.attemptsMade = 0;
    await this.#client.hset(this.#keyOf(job), 'atm', 0);
  }

  #keyOf(job: Job): string {
    return this.#toKey(job.id ?? '');
  }
}
