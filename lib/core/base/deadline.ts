import { systemClock, type Clock } from './clock.js';

/**
 * A point in time up to which something is waited for. A timer runs only while
 * something is awaited, so a deadline needs no disposal, and several waits can share
 * one.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #atMs: number;

  /** @param ms from now */
  constructor(ms: number, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#atMs = clock.now() + ms;
  }

  /** Milliseconds until it passes; 0 once it has. */
  get leftMs(): number {
    return Math.max(0, this.#atMs - this.#clock.now());
  }

  /**
   * Whether `work` settles before the deadline passes. What becomes of it later is
   * ignored.
   *
   * @throws (rejects with) the error of `work`, if it rejects in time
   */
  async meets(work: PromiseLike<unknown>): Promise<boolean> {
    let stopTimer!: () => void;
    const passed = new Promise<false>((resolve) => {
      stopTimer = this.#clock.after(this.leftMs, () => resolve(false));
    });
    try {
      return await Promise.race([work.then(() => true), passed]);
    } finally {
      stopTimer();
    }
  }

  /**
   * The value of `work`.
   *
   * @throws (rejects with) the error of `work`, or that of `late()` when the deadline
   * passes first
   */
  async valueOf<T>(work: Promise<T>, late: () => Error): Promise<T> {
    if (!(await this.meets(work))) throw late();
    return work;
  }
}
