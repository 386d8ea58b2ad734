import type { Clock } from '../core/clock.js';

interface Pending {
  readonly dueMs: number;
  readonly reject: (error: Error) => void;
}

/**
 * Limits for how long answers may take, which is the same for all: one timer watches
 * the oldest, instead of one for each.
 */
export class AnswerWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onLate: () => void;
  /** In the order in which they are due. */
  readonly #pending = new Set<Pending>();
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, limitMs: number, onLate: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onLate = onLate;
  }

  /** @throws (rejects with) an error when `work` takes too long */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = { dueMs: this.#clock.now() + this.#limitMs, reject };
      this.#pending.add(pending);
      this.#stopTimer ??= this.#clock.after(this.#limitMs, () => this.#check());
      work.then(
        (value) => {
          this.#pending.delete(pending);
          resolve(value);
        },
        (error: Error) => {
          this.#pending.delete(pending);
          reject(error);
        },
      );
    });
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #check(): void {
    this.#stopTimer = undefined;
    const [oldest] = this.#pending;
    if (!oldest) return;
    // Timers may be early by a millisecond.
    const leftMs = oldest.dueMs - this.#clock.now();
    if (leftMs > 1) {
      this.#stopTimer = this.#clock.after(leftMs, () => this.#check());
      return;
    }
    for (const { reject } of this.#pending) {
      reject(new Error(`Redis has not answered within ${this.#limitMs} ms`));
    }
    this.#pending.clear();
    this.#onLate();
  }
}
