import { systemClock, type Clock } from '../core/base/clock.js';
import { Deadline } from '../core/base/deadline.js';

/** How long after one value is stored the next one is, at the earliest. */
const INTERVAL_MS = 250;

/** What bounds the storing of a progress. */
export interface ProgressBounds {
  /** How long the task may wait for the store, each time. */
  readonly limitMs: number;
  /** Fires when the job is no longer this worker's: nothing is stored from then on. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Stores the progress of a running job: the first value at once, and then the latest one
 * whenever the interval is over. Values are stored in order, and the last one always is, if
 * the store answers in time. What cannot be stored is given up: a task does not fail, or
 * wait, for want of its progress.
 */
export class LatestProgress {
  readonly #store: (payload: string) => Promise<unknown>;
  readonly #limitMs: number;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  #waiting: string | undefined;
  /** While a value is being stored, or the interval after it is not over. */
  #isBusy = false;
  #hasEnded = false;
  #stopTimer: (() => void) | undefined;
  /** Settles when the store has answered, however late: another value may follow then. */
  #storing: Promise<unknown> | undefined;

  constructor(
    store: (payload: string) => Promise<unknown>,
    { limitMs, signal, clock = systemClock }: ProgressBounds,
  ) {
    this.#store = store;
    this.#limitMs = limitMs;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** Resolves when it is stored, or at once when it has to wait for its turn. */
  async report(payload: string): Promise<void> {
    this.#waiting = payload;
    if (this.#isBusy || this.#hasEnded) return;
    this.#isBusy = true;
    await this.#inTime(this.#storeLatest());
  }

  /** Stores the last value, if it is not stored yet. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#stopTimer?.();
    const last = this.#storing?.then(() => this.#send()) ?? this.#send();
    if (last) await this.#inTime(last);
    // Too late for what the store has not taken by now.
    this.#waiting = undefined;
  }

  async #storeLatest(): Promise<void> {
    await this.#send();
    if (this.#hasEnded) return;
    this.#stopTimer = this.#clock.after(INTERVAL_MS, () => {
      if (this.#waiting === undefined) this.#isBusy = false;
      else void this.#storeLatest();
    });
  }

  #send(): Promise<void> | undefined {
    const payload = this.#waiting;
    this.#waiting = undefined;
    if (payload === undefined || this.#signal.aborted) return undefined;
    const storing = this.#store(payload).then(
      () => {},
      () => {},
    );
    this.#storing = storing;
    return storing;
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    await new Deadline(this.#limitMs, this.#clock).meets(work);
  }
}
