import type { Clock } from '../core/base/clock.js';
import type { TaskJob } from '../durable/durable-engine.js';
import { delayOf, queueKeyOf } from '../durable/envelope.js';
import { EndedJobs } from './ended-jobs.js';
import type { JobNumbers } from './job-numbers.js';
import type { MemoryJob } from './memory-job.js';

/** The jobs of a queue in the memory of this process. */
export class JobStore {
  /** The jobs that run. */
  readonly running = new Set<MemoryJob>();
  readonly ended: EndedJobs;
  /** The last occurrence of each recurring task that has begun. */
  readonly occurrences = new Map<string, MemoryJob>();
  /** Whether no job may be taken. */
  isPaused = false;
  /** Called when there may be jobs to take. */
  wake: () => void = () => {};
  readonly #waiting = new Map<string, MemoryJob>();
  /** The same by priority, and then in their order. */
  readonly #lines = Array.from({ length: 10 }, () => new Set<MemoryJob>());
  /** The ids of waiting jobs by their idempotency keys. */
  readonly #idsByKey = new Map<string, string>();

  readonly #clock: Clock;
  readonly #numbers: JobNumbers;

  constructor(clock: Clock, numbers: JobNumbers) {
    this.#clock = clock;
    this.#numbers = numbers;
    this.ended = new EndedJobs(clock, numbers);
  }

  /** A waiting job. */
  get(jobId: string): MemoryJob | undefined {
    return this.#waiting.get(jobId);
  }

  /** The waiting jobs in order, those that are not due included. */
  *waiting(): Iterable<MemoryJob> {
    for (const line of this.#lines) yield* line;
  }

  has(job: MemoryJob): boolean {
    return this.#waiting.has(job.id);
  }

  add(jobs: readonly TaskJob[]): string[] {
    return jobs.map((job) => this.#add(job));
  }

  cancel(jobId: string): boolean {
    const job = this.#waiting.get(jobId);
    if (!job) return false;
    job.stopTimer?.();
    // It may run again, and wait again.
    job.stopTimer = undefined;
    this.take(job);
    return true;
  }

  /** Removes a job that is to run. */
  take(job: MemoryJob): void {
    this.#waiting.delete(job.id);
    this.#lines[job.priority]?.delete(job);
    // A job that was added while this one ran may have its key now.
    if (job.key !== undefined && this.#idsByKey.get(job.key) === job.id) {
      this.#idsByKey.delete(job.key);
    }
  }

  /** Lets a job wait (again). */
  put(job: MemoryJob): void {
    this.#waiting.set(job.id, job);
    this.#lines[job.priority]?.add(job);
    if (job.key !== undefined) this.#idsByKey.set(job.key, job.id);
  }

  /** Lets an ended job run again. `false` when another waiting job has its key. */
  again(job: MemoryJob): boolean {
    if (job.key !== undefined && this.#idsByKey.has(job.key)) return false;
    if (!this.ended.delete(job.id)) return false;
    const dueMs = this.#clock.now();
    Object.assign(job, { failures: 0, firstDueMs: dueMs, dueMs });
    job.endedAt = undefined;
    job.endNumber = undefined;
    job.result = undefined;
    job.progress = undefined;
    this.put(job);
    this.wake();
    return true;
  }

  /** Removes all jobs and returns those that wait. */
  clear(): MemoryJob[] {
    const removed = [...this.#waiting.values()];
    for (const { stopTimer } of removed) stopTimer?.();
    this.#waiting.clear();
    for (const line of this.#lines) line.clear();
    this.#idsByKey.clear();
    this.ended.clear();
    return removed;
  }

  #add(job: TaskJob): string {
    const { id, task, priority = 0, scheduledFor } = job;
    const key = queueKeyOf(job);
    const known = key === undefined ? undefined : this.#idsByKey.get(key);
    if (known !== undefined) return known;
    if (!this.#isKnown(id)) {
      const text = JSON.stringify(job);
      const dueMs = this.#clock.now() + delayOf(job, this.#clock.date());
      this.put({
        text,
        id,
        key,
        task,
        scheduledFor,
        priority,
        number: this.#numbers.nextStored(),
        storedAt: this.#clock.date(),
        firstDueMs: dueMs,
        dueMs,
        starts: 0,
        failures: 0,
      });
    }
    return id;
  }

  #isKnown(id: string): boolean {
    return this.#waiting.has(id);
  }
}
