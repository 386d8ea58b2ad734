import { systemClock, type Clock } from '../core/clock.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
  TaskJobOutcome,
} from '../engine/durable-engine.js';
import type { InProcessEngineOptions } from './in-process-engine.js';

interface StoredJob {
  /** As text: what runs is what a store would have kept. */
  readonly text: string;
  readonly id: string;
  readonly key: string | undefined;
  readonly task: string;
  /** How many attempts have ended. */
  attempts: number;
  /** Ends the pause between two attempts. */
  stopPause?: (() => void) | undefined;
}

/** A queue in the memory of the process. */
export class MemoryEngine implements DurableEngine {
  readonly name = 'in-process';
  readonly codec: ArgumentCodec;
  readonly enqueueTimeout: DurableEngine['enqueueTimeout'];
  readonly fallback: DurableEngine['fallback'];
  readonly #concurrency: number;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, StoredJob>();
  /** The ids of those that wait, by their idempotency keys. */
  readonly #keys = new Map<string, string>();
  readonly #running = new Set<StoredJob>();
  #host: EngineHost | undefined;
  #isPaused = false;
  #whenQuiet: (() => void) | undefined;

  constructor(
    codec: ArgumentCodec,
    { concurrency = 10, enqueueTimeout, fallback }: InProcessEngineOptions,
    clock: Clock = systemClock,
  ) {
    this.codec = codec;
    this.enqueueTimeout = enqueueTimeout;
    this.fallback = fallback;
    this.#concurrency = concurrency;
    this.#clock = clock;
  }

  async start(host: EngineHost): Promise<void> {
    this.#host = host;
    this.#isPaused = false;
    this.#runNext();
  }

  async enqueue(jobs: readonly TaskJob[]): Promise<readonly string[]> {
    const ids = jobs.map((job) => this.#add(job));
    // Whoever enqueued them hears of it before they run.
    this.#clock.nextTurn(() => this.#runNext());
    return ids;
  }

  async cancel(jobId: string): Promise<boolean> {
    const job = this.#waiting.get(jobId);
    if (!job) return false;
    job.stopPause?.();
    this.#take(job);
    return true;
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
  }

  async stop(withinMs: number): Promise<void> {
    this.#isPaused = true;
    if (this.#running.size > 0) {
      let stopTimer: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        this.#whenQuiet = resolve;
        stopTimer = this.#clock.after(withinMs, resolve);
      });
      stopTimer?.();
    }
    const lost = [...this.#waiting.values(), ...this.#running];
    for (const { stopPause } of lost) stopPause?.();
    this.#waiting.clear();
    this.#keys.clear();
    if (lost.length === 0) return;
    this.#host?.log.warn(
      `${lost.length} durable ${lost.length === 1 ? 'task is' : 'tasks are'} lost with this process, as inProcessEngine() keeps them nowhere else: ` +
        lost.map(({ task }) => task).join(', '),
    );
  }

  #add(job: TaskJob): string {
    const { id, key, task } = job;
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) return known;
    const text = JSON.stringify(job);
    if (!this.#waiting.has(id)) {
      this.#put({ text, id, key, task, attempts: 0 });
    }
    return id;
  }

  #put(job: StoredJob): void {
    this.#waiting.set(job.id, job);
    if (job.key !== undefined) this.#keys.set(job.key, job.id);
  }

  #take(job: StoredJob): void {
    this.#waiting.delete(job.id);
    // Another one may have taken its key while it ran.
    if (job.key !== undefined && this.#keys.get(job.key) === job.id) {
      this.#keys.delete(job.key);
    }
  }

  #runNext(): void {
    if (this.#isPaused || !this.#host) return;
    for (const job of this.#waiting.values()) {
      if (this.#running.size >= this.#concurrency) return;
      if (!job.stopPause) void this.#run(job, this.#host);
    }
  }

  async #run(job: StoredJob, host: EngineHost): Promise<void> {
    this.#take(job);
    this.#running.add(job);
    const outcome = await host.run(
      JSON.parse(job.text) as TaskJob,
      job.attempts + 1,
    );
    this.#running.delete(job);
    this.#handle(job, outcome);
    this.#runNext();
    if (this.#running.size === 0) this.#whenQuiet?.();
  }

  #handle(job: StoredJob, outcome: TaskJobOutcome): void {
    if (outcome.status === 'returned') {
      this.#put(job);
    } else if (outcome.status === 'retry') {
      job.attempts += 1;
      job.stopPause = this.#clock.after(outcome.afterMs, () => {
        job.stopPause = undefined;
        this.#runNext();
      });
      this.#put(job);
    }
  }
}
