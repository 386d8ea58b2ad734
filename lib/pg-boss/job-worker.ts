import { systemClock } from '../core/clock.js';
import { toMilliseconds } from '../core/duration.js';
import type { EngineHost, TaskJobOutcome } from '../engine/durable-engine.js';
import { jobOf, outputOf, type JobData } from './job-row.js';
import type { Attempt, EndedAttempt, JobStore } from './job-store.js';
import { LifeSigns } from './life-signs.js';
import type { Outage } from './outage.js';
import type { PgBossWorkerOptions } from './pg-boss-engine.js';
import { Settlements } from './settlements.js';
import { Signal } from './signal.js';

type TakenJob = Attempt & { readonly data: JobData };

/** How many jobs are taken by one statement at most. */
const BATCH = 100;
/** How long a database may take to answer before it counts as frozen. */
const FROZEN_MS = 5_000;
const OUTAGE_PAUSE_MS = 500;
/** How many statements without an answer do not keep it from one more. */
const MOST_LATE = 3;

/** Takes jobs, has them run, and tells the store how they have ended. */
export class JobWorker {
  readonly #store: JobStore;
  readonly #host: EngineHost;
  readonly #outage: Outage;
  readonly #concurrency: number;
  readonly #pollMs: number;
  readonly #settlements: Settlements;
  readonly #lifeSigns: LifeSigns;
  readonly #wake = new Signal();
  /** Of the retries that come sooner than the next look. */
  readonly #timers = new Set<() => void>();
  /** Those whose end the store does not know. */
  readonly #taken = new Set<TakenJob>();
  #running = 0;
  /** How many statements to take jobs have had no answer for too long. */
  #late = 0;
  #isPaused = false;
  #whenQuiet: (() => void)[] = [];

  constructor(
    store: JobStore,
    host: EngineHost,
    outage: Outage,
    {
      concurrency = 10,
      pollInterval = '1s',
      lostAfter = '5s',
      maxLost = 20,
    }: PgBossWorkerOptions,
  ) {
    this.#store = store;
    this.#host = host;
    this.#outage = outage;
    this.#concurrency = concurrency;
    this.#pollMs = toMilliseconds(pollInterval, 'pollInterval');
    this.#settlements = new Settlements(store, outage);
    this.#lifeSigns = new LifeSigns(
      store,
      outage,
      host.log,
      { lostAfterMs: toMilliseconds(lostAfter, 'lostAfter'), maxLost },
      { taken: () => [...this.#taken], wake: () => this.wake() },
    );
  }

  start(): void {
    this.#lifeSigns.start();
    void this.#takeJobs();
  }

  /** Has it look for jobs now. */
  wake(): void {
    this.#wake.give();
  }

  pause(): void {
    this.#isPaused = true;
    this.wake();
  }

  /** Resolves when the store knows how all have ended that were taken, or when the time is up. */
  async stop(withinMs: number): Promise<void> {
    this.pause();
    if (this.#taken.size > 0) {
      let stopTimer: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        this.#whenQuiet.push(resolve);
        stopTimer = systemClock.after(withinMs, resolve);
      });
      stopTimer?.();
    }
    this.#settlements.stop();
    await this.#lifeSigns.stop();
    for (const stopTimer of this.#timers) stopTimer();
    this.#timers.clear();
  }

  async #takeJobs(): Promise<void> {
    while (!this.#isPaused) {
      const free = Math.min(this.#concurrency - this.#running, BATCH);
      if (free <= 0) {
        await this.#wake.within(this.#pollMs);
        continue;
      }
      // What is stored from here on may be missed by the look that follows.
      this.#wake.forget();
      const jobs = await this.#take(free);
      for (const job of jobs ?? []) void this.#run(job);
      if (!jobs) await this.#wake.within(OUTAGE_PAUSE_MS);
      else if (jobs.length < free) await this.#wake.within(this.#pollMs);
    }
  }

  /** Undefined when the database does not answer. */
  async #take(most: number): Promise<readonly TakenJob[] | undefined> {
    let isLate = false;
    let stopTimer: (() => void) | undefined;
    const late = new Promise<undefined>((resolve) => {
      stopTimer = systemClock.after(FROZEN_MS, () => {
        isLate = true;
        this.#outage.begin(
          new Error(`it has not answered within ${FROZEN_MS} ms`),
        );
        resolve(undefined);
      });
    });
    const taking = this.#store.take(most).then(
      (jobs) => {
        this.#outage.end();
        if (isLate) jobs.forEach((job) => this.#giveBack(job));
        return jobs;
      },
      (error: unknown) => {
        this.#outage.begin(error);
        return undefined;
      },
    );
    const jobs = await Promise.race([taking, late]);
    stopTimer?.();
    if (isLate) {
      // Perhaps it is the connection; but each one more that waits holds one of them.
      this.#late += 1;
      const heard = taking.then(() => (this.#late -= 1));
      if (this.#late >= MOST_LATE) await heard;
    }
    return jobs;
  }

  async #run(job: TakenJob): Promise<void> {
    if (this.#isPaused) return this.#giveBack(job);
    this.#taken.add(job);
    this.#running += 1;
    const outcome = await this.#host.run(jobOf(job.data), job.count + 1);
    this.#running -= 1;
    this.wake();
    await this.#end(job, outcome);
  }

  #giveBack(job: TakenJob): void {
    this.#taken.add(job);
    void this.#end(job, { status: 'returned' });
  }

  async #end(job: TakenJob, outcome: TaskJobOutcome): Promise<void> {
    await this.#settlements.tell(endOf(job, outcome));
    this.#taken.delete(job);
    if (outcome.status === 'retry') this.#lookAgainAfter(outcome.afterMs);
    if (this.#taken.size > 0) return;
    for (const tell of this.#whenQuiet.splice(0)) tell();
  }

  #lookAgainAfter(ms: number): void {
    if (this.#isPaused || ms > this.#pollMs) return;
    const stopTimer = systemClock.after(ms + 1, () => {
      this.#timers.delete(stopTimer);
      this.wake();
    });
    this.#timers.add(stopTimer);
  }
}

function endOf({ id, count }: TakenJob, outcome: TaskJobOutcome): EndedAttempt {
  switch (outcome.status) {
    case 'done':
      return { id, count, state: 'completed' };
    case 'returned':
      return { id, count, state: 'retry', isReturned: true };
    case 'retry':
      return {
        id,
        count,
        state: 'retry',
        ms: outcome.afterMs,
        output: outputOf(outcome.error),
      };
    default:
      return { id, count, state: 'failed', output: outputOf(outcome.error) };
  }
}
