import type { Clock } from '../core/base/clock.js';
import { Deadline } from '../core/base/deadline.js';
import { LONGEST_DELAY_MS } from '../core/base/duration.js';
import { pauseOfUnknown } from '../engine-kit/unknown-jobs.js';
import type { EngineHost, TaskJobOutcome } from '../durable/durable-engine.js';
import { plainError } from '../core/base/to-error.js';
import type { StoredTaskError } from '../durable/stored-task.js';
import type { JobStore } from './job-store.js';
import type { MemoryJob } from './memory-job.js';

/** Takes jobs from the store and runs them in the application. */
export class JobWorker {
  readonly #store: JobStore;
  readonly #concurrency: number;
  readonly #unknownForMs: number;
  readonly #clock: Clock;
  readonly #host: EngineHost;
  #isPaused = false;
  #whenQuiet: (() => void) | undefined;

  constructor(
    store: JobStore,
    host: EngineHost,
    concurrency: number,
    unknownForMs: number,
    clock: Clock,
  ) {
    this.#store = store;
    this.#host = host;
    this.#concurrency = concurrency;
    this.#unknownForMs = unknownForMs;
    this.#clock = clock;
    store.wake = () => this.wake();
  }

  /** Makes it look for jobs now. */
  wake(): void {
    if (this.#isPaused || this.#store.isPaused) return;
    for (const job of this.#store.waiting()) {
      if (this.#store.running.size >= this.#concurrency) return;
      if (this.#isDue(job)) void this.#run(job, this.#host);
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** Waits for running jobs, but no longer than `withinMs`; returns those that still run. */
  async close(withinMs: number): Promise<readonly MemoryJob[]> {
    this.pause();
    if (this.#store.running.size > 0) {
      const quiet = new Promise<void>((resolve) => (this.#whenQuiet = resolve));
      await new Deadline(withinMs, this.#clock).meets(quiet);
    }
    return [...this.#store.running];
  }

  async #run(job: MemoryJob, host: EngineHost): Promise<void> {
    this.#store.take(job);
    this.#store.running.add(job);
    job.starts += 1;
    job.startedAt = this.#clock.date();
    const { signal } = (job.loss = new AbortController());
    const { failures } = job;
    const outcome = await host.run(JSON.parse(job.text), job.starts, {
      failures,
      signal,
      begin: async (overlap) => this.#begin(job, overlap === 'allow'),
      progress: async (payload) => {
        if (!signal.aborted) job.progress = payload;
      },
    });
    job.loss = undefined;
    this.#store.running.delete(job);
    this.#handle(job, outcome, host);
    this.wake();
    if (this.#store.running.size === 0) this.#whenQuiet?.();
  }

  #begin(job: MemoryJob, mayOverlap: boolean): boolean {
    const last = this.#store.occurrences.get(job.task);
    const isUnended =
      last &&
      last !== job &&
      (this.#store.running.has(last) || this.#store.has(last));
    if (isUnended && !mayOverlap) return false;
    this.#store.occurrences.set(job.task, job);
    return true;
  }

  #handle(job: MemoryJob, outcome: TaskJobOutcome, host: EngineHost): void {
    switch (outcome.status) {
      case 'returned':
        this.#store.put(job);
        break;
      case 'retry':
        job.failures += 1;
        job.error = storedError(outcome.error);
        this.#putAfter(outcome.afterMs, job);
        break;
      case 'postponed':
        job.error = storedError(outcome.error);
        this.#putAfter(outcome.afterMs, job);
        break;
      case 'unknown':
        this.#putUnknown(job, outcome.error, host);
        break;
      case 'done':
        job.result = outcome.result;
        if (outcome.result === undefined) break;
        this.#store.ended.add(job, 'succeeded', outcome.keepMs);
        break;
      case 'lost':
        // Only a cancellation takes a job away in the memory of one process.
        this.#store.ended.add(job, 'cancelled');
        break;
      case 'cancelled':
        this.#store.ended.add(job, 'cancelled');
        break;
      default:
        job.error = storedError(outcome.error);
        this.#store.ended.add(job, 'failed');
    }
  }

  #putUnknown(job: MemoryJob, error: Error, host: EngineHost): void {
    job.starts -= 1;
    const ageMs = this.#clock.now() - job.firstDueMs;
    const pauseMs = pauseOfUnknown(ageMs, this.#unknownForMs);
    if (pauseMs !== undefined) return this.#putAfter(pauseMs, job);
    host.log.error(`${error.message} That time is over.`, error);
    job.error = storedError(error);
    this.#store.ended.add(job, 'failed');
  }

  #putAfter(ms: number, job: MemoryJob): void {
    job.dueMs = this.#clock.now() + ms;
    this.#store.put(job);
  }

  /** Whether a job may start now; if not, a timer looks again. */
  #isDue(job: MemoryJob): boolean {
    const leftMs = job.dueMs - this.#clock.now();
    // Timers may fire a millisecond early.
    if (leftMs < 1) return true;
    job.stopTimer ??= this.#clock.after(
      Math.min(leftMs, LONGEST_DELAY_MS),
      () => {
        job.stopTimer = undefined;
        this.wake();
      },
    );
    return false;
  }
}

function storedError(thrown: Error): StoredTaskError {
  const { name, message, stack } = plainError(thrown);
  return { name, message, stack };
}
