import type { Clock } from '../core/base/clock.js';
import type { StoredTaskStatus } from '../durable/stored-task.js';
import type { JobNumbers } from './job-numbers.js';
import type { MemoryJob } from './memory-job.js';

/** How many ended jobs stay in memory; the oldest ones go first. */
const MOST_ENDED = 1_000;

/** How a job has ended. */
export type EndedStatus = Extract<
  StoredTaskStatus,
  'succeeded' | 'failed' | 'cancelled'
>;

interface EndedJob {
  readonly job: MemoryJob;
  readonly status: EndedStatus;
  /** Until when it stays, by the clock of the engine; Infinity for as long as there is room. */
  readonly untilMs: number;
}

/** The jobs that have ended, in the order of their ends. */
export class EndedJobs {
  readonly #jobs = new Map<string, EndedJob>();
  readonly #clock: Clock;
  readonly #numbers: JobNumbers;

  constructor(clock: Clock, numbers: JobNumbers) {
    this.#clock = clock;
    this.#numbers = numbers;
  }

  add(job: MemoryJob, status: EndedStatus, keepMs = Infinity): void {
    job.endedAt = this.#clock.date();
    job.endNumber = this.#numbers.nextEnded();
    this.#jobs.set(job.id, {
      job,
      status,
      untilMs: this.#clock.now() + keepMs,
    });
    if (this.#jobs.size <= MOST_ENDED) return;
    for (const id of this.#jobs.keys()) {
      this.#jobs.delete(id);
      return;
    }
  }

  get(id: string): EndedJob | undefined {
    const ended = this.#jobs.get(id);
    if (!ended || ended.untilMs > this.#clock.now()) return ended;
    this.#jobs.delete(id);
    return undefined;
  }

  /** `false` when it is not there. */
  delete(id: string): boolean {
    return this.#jobs.delete(id);
  }

  all(): EndedJob[] {
    return [...this.#jobs.keys()]
      .map((id) => this.get(id))
      .filter((ended) => ended !== undefined);
  }

  clear(): void {
    this.#jobs.clear();
  }
}
