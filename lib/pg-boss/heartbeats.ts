import { systemClock } from '../core/base/clock.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type { Attempt } from './attempt-end.js';
import type { JobStore } from './job-store.js';
import type { Outage } from './outage.js';
import type { WorkerSettings } from './pg-boss-settings.js';
import { storeError } from './store-error.js';

/** How many heartbeats a worker sends within `lostAfter`, at least. */
const BEATS = 5;
/** How soon a worker learns at the latest that a job was cancelled in the store. */
const LONGEST_PAUSE_MS = 1_000;

interface Worker {
  /** The jobs that it holds, those whose end is not recorded yet included. */
  readonly taken: () => readonly Attempt[];
  /** Those of them whose attempt has not ended. */
  readonly running: () => readonly Attempt[];
  /** Tells that a job is no longer this worker's. */
  readonly lose: (id: string, reason: Error) => void;
  readonly wake: () => void;
  /** Tells whether jobs of the queue may be taken. */
  readonly hold: (isHeld: boolean) => void;
}

/** Sends the heartbeats of a worker, and recovers the jobs of lost workers of its queue. */
export class Heartbeats {
  readonly #store: JobStore;
  readonly #outage: Outage;
  readonly #log: EngineHost['log'];
  readonly #settings: WorkerSettings;
  readonly #worker: Worker;
  /**
   * Since when the database has answered in time. Until that is long enough, other
   * workers may have been unable to send heartbeats, and do not count as lost.
   */
  #answersSinceMs = systemClock.now();
  /** When the server answered last, by its clock. */
  #answeredAtS = 0;
  #recoverAtMs = 0;
  #stopTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(
    store: JobStore,
    outage: Outage,
    log: EngineHost['log'],
    settings: WorkerSettings,
    worker: Worker,
  ) {
    this.#store = store;
    this.#outage = outage;
    this.#log = log;
    this.#settings = settings;
    this.#worker = worker;
  }

  start(): void {
    this.#beatLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
  }

  /** Looks now whether jobs were cancelled, or the queue was paused or resumed. */
  async look(): Promise<void> {
    try {
      await this.#touch();
      this.#worker.hold(await this.#store.isPaused());
    } catch {
      // The next heartbeat looks again, and reports an outage.
    }
  }

  async #touch(): Promise<void> {
    const taken = this.#worker.taken();
    if (taken.length === 0) return;
    const lost = new Set(await this.#store.touch(taken));
    if (lost.size === 0) return;
    // Most have only ended in the meantime.
    const running = this.#worker.running().filter(({ id }) => lost.has(id));
    await Promise.all(
      running.map(async ({ id }) => {
        this.#worker.lose(id, await this.#store.lossOf(id));
      }),
    );
  }

  #beatLater(): void {
    if (this.#isStopped) return;
    const { lostAfterMs } = this.#settings;
    this.#stopTimer = systemClock.after(
      Math.min(lostAfterMs / BEATS, LONGEST_PAUSE_MS),
      () => void this.#beat().then(() => this.#beatLater()),
    );
  }

  async #beat(): Promise<void> {
    const { lostAfterMs } = this.#settings;
    const startMs = systemClock.now();
    try {
      await this.#touch();
      if (startMs >= this.#recoverAtMs) {
        this.#recoverAtMs = startMs + lostAfterMs / BEATS;
        await this.#recover(startMs - this.#answersSinceMs >= lostAfterMs);
      } else {
        this.#worker.hold(await this.#store.isPaused());
      }
    } catch (thrown) {
      if (this.#isStopped) return;
      this.#answersSinceMs = Infinity;
      this.#outage.begin(storeError(thrown));
      return;
    }
    const nowMs = systemClock.now();
    const wasSlow = nowMs - startMs > lostAfterMs / 2;
    if (wasSlow || this.#outage.isOn || this.#answersSinceMs === Infinity) {
      this.#answersSinceMs = nowMs;
    }
  }

  /** @param isCalm whether all workers could have sent heartbeats */
  async #recover(isCalm: boolean): Promise<void> {
    const { maxLost } = this.#settings;
    const { atS, again, givenUp, isPaused } = await this.#store.recover(
      this.#settings,
      isCalm ? this.#answeredAtS : 0,
    );
    this.#answeredAtS = atS;
    this.#worker.hold(isPaused);
    for (const id of givenUp) {
      this.#log.error(
        `pg-boss: job ${id} is kept as failed, because each of the last ${maxLost + 1} workers that ran it was lost.`,
      );
    }
    if (again === 0) return;
    this.#log.warn(
      `pg-boss: ${again} ${again === 1 ? 'job' : 'jobs'} of lost workers will run again.`,
    );
    this.#worker.wake();
  }
}
