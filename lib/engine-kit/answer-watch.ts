import type { Clock } from '../core/base/clock.js';

interface Pending {
  /** Moves on while the event loop is held up. */
  readonly dueMs: number;
  readonly late: () => void;
}

/** How often the time is looked at within the limit. */
const LOOKS = 8;

/**
 * Notices when a store takes too long to answer, with one timer for all pending answers.
 * Only time counts in which this process could have read an answer: one whose event loop
 * was blocked, or that got no CPU, must not take a healthy store for dead.
 */
export class AnswerWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** In the order in which they are due, as all have the same limit. */
  readonly #pending = new Set<Pending>();
  #heldUpMs = 0;
  #nextLookMs = 0;
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** Calls `late` when `work` has not settled within the limit. */
  watch(work: Promise<unknown>, late: () => void): void {
    const dueMs = this.#clock.now() - this.#heldUpMs + this.#limitMs;
    const pending = { dueMs, late };
    this.#pending.add(pending);
    if (!this.#stopTimer) this.#lookIn(this.#limitMs / LOOKS);
    const settled = () => this.#pending.delete(pending);
    work.then(settled, settled);
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#pending.clear();
  }

  #lookIn(delayMs: number): void {
    const ms = Math.ceil(delayMs);
    this.#nextLookMs = this.#clock.now() + ms;
    this.#stopTimer = this.#clock.after(ms, () =>
      // Timers come before the sockets are read.
      this.#clock.nextTurn(() => this.#look()),
    );
  }

  #look(): void {
    if (!this.#stopTimer) return;
    this.#stopTimer = undefined;
    const now = this.#clock.now();
    this.#heldUpMs += Math.max(0, now - this.#nextLookMs);
    let leftMs = this.#limitMs;
    for (const pending of this.#pending) {
      leftMs = pending.dueMs - (now - this.#heldUpMs);
      // Timers may fire a millisecond early.
      if (leftMs > 1) break;
      this.#pending.delete(pending);
      pending.late();
    }
    if (this.#pending.size === 0 || this.#stopTimer) return;
    this.#lookIn(Math.min(this.#limitMs / LOOKS, leftMs));
  }
}
