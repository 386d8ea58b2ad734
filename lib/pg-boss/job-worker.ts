import { systemClock } from '../core/base/clock.js';
import { LONGEST_DELAY_MS } from '../core/base/duration.js';
import { Deadline } from '../core/base/deadline.js';
import type {
  EngineHost,
  JobRunDetails,
  TaskJobOutcome,
} from '../durable/durable-engine.js';
import { LatestProgress } from '../engine-kit/latest-progress.js';
import { jobOf } from './job-row.js';
import type { OccurrenceChain } from './occurrence-chain.js';
import { occurrenceIn } from './occurrence-row.js';
import type { TakenJob } from './attempt-end.js';
import type { JobStore } from './job-store.js';
import { Heartbeats } from './heartbeats.js';
import { lastChange } from './last-change.js';
import type { Outage } from './outage.js';
import type { WorkerSettings } from './pg-boss-settings.js';
import { Settlements } from './settlements.js';
import { storeError } from './store-error.js';
import { WakeUp } from './wake-up.js';

/** How many jobs one statement takes at most. */
const BATCH = 100;
/** How long a database may take to answer before it counts as frozen. */
const FROZEN_MS = 5_000;
const OUTAGE_PAUSE_MS = 500;
/** How many unanswered statements are allowed, as each of them occupies a connection. */
const MOST_LATE = 3;

/** Takes jobs from the queue, runs them in the application and records their outcomes. */
export class JobWorker {
  readonly #store: JobStore;
  readonly #chain: OccurrenceChain;
  readonly #host: EngineHost;
  readonly #outage: Outage;
  readonly #concurrency: number;
  readonly #pollMs: number;
  readonly #progressMs: number;
  readonly #settlements: Settlements;
  readonly #heartbeats: Heartbeats;
  /** Jobs may be due. */
  readonly #wakeUp = new WakeUp();
  /** An attempt has ended, so there is room for another one. */
  readonly #room = new WakeUp();
  /** Timers of retries that are due before the next poll. */
  readonly #timers = new Set<() => void>();
  /** Jobs whose attempt has not ended, with what ends it early. */
  readonly #running = new Map<TakenJob, AbortController>();
  /** Jobs whose outcome is not recorded yet. */
  readonly #taken = new Set<TakenJob>();
  /** How many statements that take jobs are overdue. */
  #late = 0;
  #isPaused = false;
  /** Whether the queue is paused in the store; undefined until that is known. */
  #isHeld: boolean | undefined;
  #whenQuiet: (() => void)[] = [];

  constructor(
    store: JobStore,
    chain: OccurrenceChain,
    host: EngineHost,
    outage: Outage,
    settings: WorkerSettings & {
      /** How long a task may wait for its progress to be stored. */
      readonly progressMs: number;
    },
  ) {
    this.#store = store;
    this.#chain = chain;
    this.#host = host;
    this.#outage = outage;
    this.#concurrency = settings.concurrency;
    this.#pollMs = settings.pollMs;
    this.#progressMs = settings.progressMs;
    this.#settlements = new Settlements(store, outage);
    this.#heartbeats = new Heartbeats(store, outage, host.log, settings, {
      taken: () => [...this.#taken],
      running: () => [...this.#running.keys()],
      lose: (id, reason) => this.#lose(id, reason),
      wake: () => this.wake(),
      hold: (isHeld) => this.#hold(isHeld),
    });
  }

  start(): void {
    this.#heartbeats.start();
    void this.look();
    void this.#takeJobs();
  }

  /** Makes it look for cancelled jobs now, and whether its queue is paused. */
  async look(): Promise<void> {
    await this.#heartbeats.look();
  }

  /** Makes it look for jobs now. */
  wake(): void {
    this.#wakeUp.call();
  }

  pause(): void {
    this.#isPaused = true;
    this.wake();
    this.#room.call();
  }

  /** Waits until running jobs have ended and are recorded, but no longer than `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.pause();
    if (this.#taken.size > 0) {
      const quiet = new Promise<void>((resolve) =>
        this.#whenQuiet.push(resolve),
      );
      await new Deadline(withinMs).meets(quiet);
    }
    this.#settlements.stop();
    this.#heartbeats.stop();
    for (const stopTimer of this.#timers) stopTimer();
    this.#timers.clear();
  }

  async #takeJobs(): Promise<void> {
    while (!this.#isPaused) {
      if (this.#isHeld !== false) {
        await this.#wakeUp.within(this.#pollMs);
        continue;
      }
      const running = this.#running.size;
      const free = Math.min(this.#concurrency - running, BATCH);
      if (free <= 0) {
        await this.#room.within(this.#pollMs);
        // One statement takes as many as have ended.
        await lastChange(() => this.#running.size, running);
        continue;
      }
      // The next statement finds all jobs that the calls so far were for.
      this.#wakeUp.reset();
      const jobs = await this.#take(free);
      for (const job of jobs ?? []) void this.#run(job);
      if (!jobs) await this.#wakeUp.within(OUTAGE_PAUSE_MS);
      else if (jobs.length < free) await this.#wakeUp.within(this.#pollMs);
    }
  }

  /** Undefined when the database does not respond. */
  async #take(most: number): Promise<readonly TakenJob[] | undefined> {
    let isLate = false;
    const taking = this.#store.take(most).then(
      (jobs) => {
        this.#outage.end();
        if (isLate) jobs.forEach((job) => this.#giveBack(job));
        return jobs;
      },
      (error: unknown) => {
        this.#outage.begin(storeError(error));
        return undefined;
      },
    );
    if (await new Deadline(FROZEN_MS).meets(taking)) return taking;
    isLate = true;
    this.#outage.begin(new Error(`it has not answered within ${FROZEN_MS} ms`));
    // Another connection may still work, but not all of them may be tied up.
    this.#late += 1;
    const answered = taking.then(() => (this.#late -= 1));
    if (this.#late >= MOST_LATE) await answered;
    return undefined;
  }

  async #run(job: TakenJob): Promise<void> {
    if (this.#isPaused) return this.#giveBack(job);
    const { data, retryCount, counts } = job;
    const lost = new AbortController();
    this.#taken.add(job);
    this.#running.set(job, lost);
    const begin = await this.#beginningOf(job);
    let latest: LatestProgress | undefined;
    const outcome = await this.#host.run(jobOf(data), retryCount + 1, {
      failures: counts.failures,
      signal: lost.signal,
      begin,
      progress: (payload) => {
        job.progress = payload;
        latest ??= new LatestProgress(
          (text) => this.#store.progress(job, text),
          { limitMs: this.#progressMs, signal: lost.signal },
        );
        return latest.report(payload);
      },
    });
    await latest?.end();
    this.#running.delete(job);
    this.#room.call();
    await this.#end(job, outcome);
  }

  /** How an occurrence begins, once the one that follows it is stored. */
  async #beginningOf(job: TakenJob): Promise<JobRunDetails['begin']> {
    const occurrence = occurrenceIn(job.data);
    if (!occurrence) return undefined;
    try {
      await this.#chain.follow(occurrence);
    } catch (thrown) {
      // Who declares the task stores it later.
      this.#outage.mention(storeError(thrown));
    }
    return (overlap) => this.#chain.begin(job, occurrence, overlap);
  }

  /** A job whose attempt has ended meanwhile is only no longer active. */
  #lose(id: string, reason: Error): void {
    for (const [job, lost] of this.#running) {
      if (job.id === id) lost.abort(reason);
    }
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.wake();
  }

  #giveBack(job: TakenJob): void {
    this.#taken.add(job);
    void this.#end(job, { status: 'returned' });
  }

  async #end(job: TakenJob, outcome: TaskJobOutcome): Promise<void> {
    if (outcome.status !== 'lost') {
      await this.#settlements.record({ job, outcome });
    }
    this.#taken.delete(job);
    if ('afterMs' in outcome && outcome.afterMs <= this.#pollMs) {
      this.wakeAfter(outcome.afterMs);
    }
    if (this.#taken.size > 0) return;
    for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }

  /** Makes it look for jobs that are due then. */
  wakeAfter(ms: number): void {
    if (this.#isPaused || ms > LONGEST_DELAY_MS) return;
    const stopTimer = systemClock.after(ms + 1, () => {
      this.#timers.delete(stopTimer);
      this.wake();
    });
    this.#timers.add(stopTimer);
  }
}
