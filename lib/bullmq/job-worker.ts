import { Job, UnrecoverableError } from 'bullmq';
import type { Clock } from '../core/base/clock.js';
import { Deadline } from '../core/base/deadline.js';
import { TaskLostError } from '../core/base/durable-errors.js';
import { TaskCancelledError } from '../core/base/errors.js';
import { messageOf } from '../core/base/to-error.js';
import type { EngineHost, TaskJobOutcome } from '../durable/durable-engine.js';
import { LatestProgress } from '../engine-kit/latest-progress.js';
import { AttemptEnds } from './attempt-ends.js';
import type { RedisClient } from './bullmq-connection.js';
import type { BullmqSettings, QueueWorkOptions } from './bullmq-settings.js';
import { Cancellations } from './cancellations.js';
import { endConnecting } from './end-connecting.js';
import {
  isRetriedByHand,
  NeverAgainError,
  pauseAfter,
  UNRECORDED_PAUSE_MS,
} from './failed-attempt.js';
import { beginningOf, dataOf } from './occurrences.js';
import type { Outage } from './outage.js';
import { PacedWorker } from './paced-worker.js';
import { putBack } from './put-back.js';
import type { WorkerConnection } from './worker-connection.js';

/** How long a shutdown waits for Redis to record the last outcomes, once no job runs. */
const RECORDING_MS = 1_000;

/** A job that runs here. A lost one may be taken again before its first attempt has ended. */
interface RunningJob {
  readonly id: string | undefined;
  readonly loss: AbortController;
}

/** Takes jobs from one queue and runs them in the application. */
export class JobWorker {
  readonly #host: EngineHost;
  readonly #clock: Clock;
  readonly #client: RedisClient;
  /** On which the worker waits for jobs. */
  readonly #waitingClient: RedisClient | undefined;
  readonly #worker: PacedWorker;
  readonly #running = new Set<RunningJob>();
  readonly #cancellations: Cancellations;
  readonly #progressMs: number;
  readonly #ends: AttemptEnds;
  #whenQuiet: (() => void) | undefined;
  #isPaused = false;

  constructor(
    settings: Pick<BullmqSettings, 'unknownForMs' | 'enqueueTimeoutMs'>,
    { queue, options }: QueueWorkOptions,
    connection: WorkerConnection,
    host: EngineHost,
    outage: Outage,
    clock: Clock,
  ) {
    this.#host = host;
    this.#clock = clock;
    this.#progressMs = settings.enqueueTimeoutMs;
    this.#client = connection.client;
    [this.#worker, this.#waitingClient] = connection.with(
      (client) =>
        new PacedWorker(
          queue,
          (job: Job, token?: string) => this.#run(job, token),
          {
            ...options,
            connection: client,
            runRetryDelay: UNRECORDED_PAUSE_MS,
            settings: {
              backoffStrategy: (_attempts, _type, error) => pauseAfter(error),
            },
          },
        ),
    );
    this.#cancellations = new Cancellations(this.#client, clock, {
      areRunning: () => this.#running.size > 0,
      cancel: (id, reason) => this.#abort(id, reason),
      toKey: (name) => this.#worker.toKey(name),
      remove: async (id) => (await Job.fromId(this.#worker, id))?.remove(),
    });
    this.#ends = new AttemptEnds(
      this.#client,
      (id) => this.#worker.toKey(id),
      host,
      settings.unknownForMs,
      this.#cancellations,
    );
    this.#worker.on('error', (error) => {
      if (!this.#lose(error)) outage.report(error);
    });
    this.#worker.on('failed', (job, error) => this.#logLoss(job, error));
  }

  async pause(): Promise<void> {
    if (this.#isPaused) return;
    this.#isPaused = true;
    await this.#worker.pause(true);
    void this.#passOnMarker();
  }

  /** Waits until running jobs have ended and are recorded, but no longer than `withinMs`. */
  async close(withinMs: number): Promise<void> {
    const deadline = new Deadline(withinMs, this.#clock);
    await this.pause();
    if (this.#running.size === 0 && this.#client.status !== 'ready') {
      await endConnecting(
        [this.#client, this.#waitingClient],
        this.#worker.waitUntilReady(),
      );
    }
    const closed = this.#worker.close();
    const quiet = new Promise<void>((resolve) => (this.#whenQuiet = resolve));
    if (this.#running.size === 0) this.#whenQuiet?.();
    await deadline.meets(Promise.race([closed, quiet]));
    // When all jobs have ended, Redis only has to record it.
    await new Deadline(
      Math.min(RECORDING_MS, deadline.leftMs),
      this.#clock,
    ).meets(closed);
    this.#cancellations.stop();
    this.#worker.abandon();
  }

  /**
   * Redis wakes one waiting worker for a job. While this one is paused but still waits, it
   * could be that one, and the job that it has put back would lie until another looks.
   */
  async #passOnMarker(): Promise<void> {
    const marker = this.#worker.toKey('marker');
    this.#waitingClient?.disconnect();
    try {
      // Redis has noticed the disconnection once it has answered.
      await this.#client.exists(marker);
      await this.#client.zadd(marker, 0, '0');
    } catch {
      // The connection was ended first: the others look by themselves after some seconds.
    }
  }

  async #run(job: Job, token: string | undefined): Promise<unknown> {
    // BullMQ was already fetching it when the worker was paused.
    if (this.#isPaused) {
      await Promise.all([this.#ends.uncountStart(job), putBack(job, token)]);
    }
    const running = { id: job.id, loss: new AbortController() };
    this.#running.add(running);
    this.#cancellations.watch();
    try {
      const outcome = await this.#outcomeOf(job, running.loss.signal);
      return await this.#ends.handle(
        { job, token, lostBecause: running.loss.signal.reason },
        outcome,
        this.#isPaused,
      );
    } finally {
      this.#running.delete(running);
      if (this.#running.size === 0) this.#whenQuiet?.();
    }
  }

  async #outcomeOf(job: Job, signal: AbortSignal): Promise<TaskJobOutcome> {
    if (await this.#cancellations.isCancelled(job)) {
      return { status: 'cancelled', error: new TaskCancelledError(job.name) };
    }
    if (isRetriedByHand(job)) await this.#ends.forgetFailures(job);
    const bounds = { limitMs: this.#progressMs, signal };
    let latest: LatestProgress | undefined;
    // A start counts although its worker died: it may have done its work.
    const outcome = await this.#host.run(dataOf(job), job.attemptsStarted, {
      failures: job.attemptsMade,
      signal,
      begin: beginningOf(job, this.#client, this.#worker),
      progress: (payload) => {
        latest ??= new LatestProgress(
          (text) => job.updateProgress(text),
          bounds,
        );
        return latest.report(payload);
      },
    });
    await latest?.end();
    return outcome;
  }

  /** Whether an error of BullMQ says that a job is no longer this worker's. */
  #lose({ message }: Error): boolean {
    const [, id] = /^could not renew lock for job (.*)$/s.exec(message) ?? [];
    if (id === undefined) return false;
    const reason = 'its lock in Redis could not be renewed in time';
    this.#abort(id, new TaskLostError(reason));
    return true;
  }

  #abort(id: string, reason: Error): void {
    for (const running of this.#running) {
      if (running.id === id) running.loss.abort(reason);
    }
  }

  /** BullMQ fails a job by itself when its workers died too often. */
  #logLoss(job: Job | undefined, error: Error): void {
    const isLost = error instanceof UnrecoverableError;
    if (!isLost || error instanceof NeverAgainError) return;
    this.#host.log.error(
      `Job ${job?.id} of task "${job?.name}" will not run again: ${messageOf(error)}. The engine keeps it as failed.`,
      error,
    );
  }
}
