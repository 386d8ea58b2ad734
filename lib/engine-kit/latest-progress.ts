import { systemClock, type Clock } from '../core/base/clock.js';

/** How long after one value is stored the next one is, at the earliest. */
const INTERVAL_MS = 250;

/**
 * Stores the progress of a running job: the first value at once, and then the latest one
 * whenever the interval is over. Values are stored in order, and the last one always is.
 * What cannot be stored is given up: a task does not fail for want of its progress.
 */
export class LatestProgress {
  readonly #store: (payload: string) => Promise<unknown>;
  readonly #clock: Clock;
  #waiting: string | undefined;
  /** While a value is being stored, or the interval after it is not over. */
  #isBusy = false;
  #hasEnded = false;
  #stopTimer: (() => void) | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(
    store: (payload: string) => Promise<unknown>,
    clock: Clock = systemClock,
  ) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves when it is stored, or at once when it has to wait for its turn. */
  async report(payload: string): Promise<void> {
    this.#waiting = payload;
    if (this.#isBusy) return;
    this.#isBusy = true;
    await this.#storeLatest();
  }

  /** Stores the last value, if it is not stored yet. */
  async end(): Promise<void> {
    this.#isBusy = true;
    this.#hasEnded = true;
    await this.#storing;
    this.#stopTimer?.();
    await this.#send();
  }

  async #storeLatest(): Promise<void> {
    await this.#send();
    if (this.#hasEnded) return;
    this.#stopTimer = this.#clock.after(INTERVAL_MS, () => {
      if (this.#waiting === undefined) this.#isBusy = false;
      else void this.#storeLatest();
    });
  }

  #send(): Promise<void> {
    const payload = this.#waiting;
    this.#waiting = undefined;
    if (payload === undefined) return Promise.resolve();
    this.#storing = this.#store(payload).then(
      () => {},
      () => {},
    );
    return this.#storing;
  }
}
