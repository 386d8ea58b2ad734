import { Deadline } from '../core/base/deadline.js';

/** A call that ends a pause, also when it came before the pause began. */
export class WakeUp {
  #isCalled = false;
  #endPause: (() => void) | undefined;

  call(): void {
    this.#isCalled = true;
    this.#endPause?.();
  }

  /** Ignores the calls so far. */
  reset(): void {
    this.#isCalled = false;
  }

  /** Resolves at the next call that has not been answered yet, or when the time is up. */
  async within(ms: number): Promise<void> {
    if (!this.#isCalled) {
      const called = new Promise<void>((resolve) => (this.#endPause = resolve));
      await new Deadline(ms).meets(called);
      this.#endPause = undefined;
    }
    this.#isCalled = false;
  }
}
