import type { Clock } from '../core/base/clock.js';
import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import type { JobNumbers } from './job-numbers.js';
import { JobStore } from './job-store.js';
import { JobWorker } from './job-worker.js';
import type { MemoryJob } from './memory-job.js';

/** One queue in the memory of this process, and its worker. */
export class JobQueue {
  readonly store: JobStore;
  readonly #clock: Clock;
  readonly #unknownForMs: number;
  #worker: JobWorker | undefined;

  constructor(clock: Clock, numbers: JobNumbers, unknownForMs: number) {
    this.#clock = clock;
    this.#unknownForMs = unknownForMs;
    this.store = new JobStore(clock, numbers);
  }

  work(host: EngineHost, concurrency: number): void {
    this.#worker = new JobWorker(
      this.store,
      host,
      concurrency,
      this.#unknownForMs,
      this.#clock,
    );
    this.#worker.wake();
  }

  add(jobs: readonly TaskJob[]): string[] {
    const ids = this.store.add(jobs);
    // The caller must learn the ids before the jobs run.
    this.#clock.nextTurn(() => this.#worker?.wake());
    return ids;
  }

  cancel(jobId: string): boolean {
    return this.store.cancel(jobId);
  }

  pause(): void {
    this.#worker?.pause();
  }

  /** Returns the jobs that are lost: those that wait, and those that still run after `withinMs`. */
  async close(withinMs: number): Promise<readonly MemoryJob[]> {
    const running = (await this.#worker?.close(withinMs)) ?? [];
    return [...this.store.clear(), ...running];
  }
}
