import { systemClock } from '../core/clock.js';
import type { EndedAttempt, JobStore } from './job-store.js';
import type { Outage } from './outage.js';

const RETRY_MS = 500;

/**
 * Tells the store how attempts have ended: all that have ended while it was told of
 * others by one statement, and again until it has heard.
 */
export class Settlements {
  readonly #store: JobStore;
  readonly #outage: Outage;
  #waiting: { attempt: EndedAttempt; told: () => void }[] = [];
  #isTelling = false;
  #isStopped = false;

  constructor(store: JobStore, outage: Outage) {
    this.#store = store;
    this.#outage = outage;
  }

  /** Resolves when the store has heard. */
  tell(attempt: EndedAttempt): Promise<void> {
    return new Promise((told) => {
      this.#waiting.push({ attempt, told });
      if (!this.#isTelling) void this.#tellAll();
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    // Those that end in the same turn are told of together.
    await new Promise<void>((resolve) => systemClock.nextTurn(resolve));
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#store.settle(batch.map(({ attempt }) => attempt));
        for (const { told } of batch) told();
      } catch (error) {
        this.#waiting.unshift(...batch);
        this.#outage.begin(error);
        await new Promise<void>((resolve) =>
          systemClock.after(RETRY_MS, resolve),
        );
      }
    }
    this.#isTelling = false;
  }
}
