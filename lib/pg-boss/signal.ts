import { systemClock } from '../core/clock.js';

/** Something to wait for that may have been given already. */
export class Signal {
  #isGiven = false;
  #resolve: (() => void) | undefined;

  give(): void {
    this.#isGiven = true;
    this.#resolve?.();
  }

  /** What was given until now does not count. */
  forget(): void {
    this.#isGiven = false;
  }

  /** Resolves when it is given, or when the time is up. */
  async within(ms: number): Promise<void> {
    if (!this.#isGiven) {
      let stopTimer: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        stopTimer = systemClock.after(ms, resolve);
      });
      stopTimer?.();
      this.#resolve = undefined;
    }
    this.#isGiven = false;
  }
}
