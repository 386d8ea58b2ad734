import { systemClock } from '../core/clock.js';
import type { EngineHost } from '../engine/durable-engine.js';
import type { Attempt, JobStore } from './job-store.js';
import type { Outage } from './outage.js';

/** How often a worker is heard of before it counts as lost. */
const SIGNS = 5;

interface Worker {
  readonly taken: () => readonly Attempt[];
  readonly wake: () => void;
}

/** When a worker counts as lost, and how often in a row that may happen to one job. */
export interface LossLimits {
  readonly lostAfterMs: number;
  readonly maxLost: number;
}

/**
 * Says that this worker is alive, finds the jobs of those that are not, and hears of
 * new ones.
 */
export class LifeSigns {
  readonly #store: JobStore;
  readonly #outage: Outage;
  readonly #log: EngineHost['log'];
  readonly #limits: LossLimits;
  readonly #worker: Worker;
  /**
   * Since when the database has answered in time: nobody counts as lost who may not
   * have been able to say so.
   */
  #answersSinceMs = systemClock.now();
  #ear: { close(): Promise<void> } | undefined;
  #stopTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(
    store: JobStore,
    outage: Outage,
    log: EngineHost['log'],
    limits: LossLimits,
    worker: Worker,
  ) {
    this.#store = store;
    this.#outage = outage;
    this.#log = log;
    this.#limits = limits;
    this.#worker = worker;
  }

  start(): void {
    void this.#listen();
    this.#beatLater();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopTimer?.();
    // It waits for a database that may be frozen.
    this.#ear?.close().catch(() => {});
  }

  #beatLater(): void {
    if (this.#isStopped) return;
    this.#stopTimer = systemClock.after(
      this.#limits.lostAfterMs / SIGNS,
      () => {
        void this.#beat().then(() => this.#beatLater());
      },
    );
  }

  async #beat(): Promise<void> {
    const startMs = systemClock.now();
    try {
      const now = await this.#store.touch(
        this.#worker.taken().map(({ id, count }) => ({ id, count })),
      );
      const tookMs = systemClock.now() - startMs;
      if (tookMs > this.#limits.lostAfterMs / 2 || this.#outage.isOn) {
        this.#answersSinceMs = systemClock.now();
      }
      if (startMs - this.#answersSinceMs >= this.#limits.lostAfterMs) {
        await this.#recover(now);
      }
    } catch (error) {
      this.#answersSinceMs = Infinity;
      this.#outage.begin(error);
      return;
    }
    if (this.#answersSinceMs === Infinity) {
      this.#answersSinceMs = systemClock.now();
    }
  }

  async #recover(now: string): Promise<void> {
    const { lostAfterMs, maxLost } = this.#limits;
    const lost = await this.#store.recover(now, lostAfterMs, maxLost);
    for (const { id, state } of lost) {
      if (state === 'retry') continue;
      this.#log.error(
        `pg-boss: job ${id} is kept as failed: each of the last ${maxLost + 1} workers that ran it was lost.`,
      );
    }
    const count = lost.filter(({ state }) => state === 'retry').length;
    if (count === 0) return;
    this.#log.warn(
      `pg-boss: ${count} ${count === 1 ? 'job' : 'jobs'} of a worker that was lost will be run again.`,
    );
    this.#worker.wake();
  }

  async #listen(): Promise<void> {
    try {
      const ear = await this.#store.listen(this.#worker.wake);
      if (this.#isStopped) await ear?.close();
      else this.#ear = ear;
    } catch (error) {
      this.#log.warn(
        `pg-boss: there are no notifications, so jobs are looked for every \`pollInterval\`: ${String(error)}`,
      );
    }
  }
}
