import { systemClock } from '../core/base/clock.js';
import type { EndedAttempt } from './attempt-end.js';
import type { JobStore } from './job-store.js';
import { lastChange } from './last-change.js';
import type { Outage } from './outage.js';
import { storeError } from './store-error.js';

const RETRY_MS = 500;

/**
 * Records in the store how attempts have ended, with one statement for all that ended
 * while the previous one was pending. Retries until the store has accepted them.
 */
export class Settlements {
  readonly #store: JobStore;
  readonly #outage: Outage;
  #waiting: { attempt: EndedAttempt; recorded: () => void }[] = [];
  #isRecording = false;
  #isStopped = false;

  constructor(store: JobStore, outage: Outage) {
    this.#store = store;
    this.#outage = outage;
  }

  /** Resolves when the store has accepted it. */
  record(attempt: EndedAttempt): Promise<void> {
    return new Promise((recorded) => {
      this.#waiting.push({ attempt, recorded });
      if (!this.#isRecording) void this.#recordAll();
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #recordAll(): Promise<void> {
    this.#isRecording = true;
    // Attempts that end soon after each other share a statement.
    await lastChange(() => this.#waiting.length, 0);
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#store.settle(batch.map(({ attempt }) => attempt));
        for (const { recorded } of batch) recorded();
      } catch (error) {
        this.#waiting.unshift(...batch);
        this.#outage.begin(storeError(error));
        await new Promise<void>((resolve) =>
          systemClock.after(RETRY_MS, resolve),
        );
      }
    }
    this.#isRecording = false;
  }
}
