import { nextMicrotask, type Clock } from './clock.js';
import { WaitingLine, type Waiter } from './waiting-line.js';

/** How many tasks may start in one turn of the event loop. */
export const STARTS_PER_TURN = 50;

/**
 * Who may run: at most `concurrency` at once, first come first served, and no more
 * than {@link STARTS_PER_TURN} starts in one turn of the event loop, so that a burst of
 * tasks does not starve the requests beside it.
 */
export class Slots<W extends Waiter> {
  readonly #clock: Clock;
  readonly #enter: (waiter: W) => void;
  readonly #concurrency: number;
  readonly #line = new WaitingLine<W>();
  #taken = 0;
  #isAdmitting = false;
  #startsLeft = STARTS_PER_TURN;

  /** @param enter is told whose turn it is; a slot has been taken for it. Must not throw. */
  constructor(
    clock: Clock,
    enter: (waiter: W) => void,
    concurrency = Infinity,
  ) {
    this.#clock = clock;
    this.#enter = enter;
    this.#concurrency = concurrency;
  }

  /** How many more are in line than slots are free; negative while there are slots to spare. */
  get excess(): number {
    return this.#line.size - (this.#concurrency - this.#taken);
  }

  /** Takes a slot now, if nobody is before the caller and one is free. */
  take(): boolean {
    if (this.#line.size > 0 || !this.#mayStart()) return false;
    this.#countStart();
    return true;
  }

  /** Takes a place in the line, until the waiter leaves or enters. */
  wait(waiter: W): void {
    this.#line.push(waiter);
  }

  /** Gives a slot back. */
  free(): void {
    this.#taken -= 1;
    // Once the caller is done.
    if (this.#isAdmitting || this.#line.size === 0) return;
    this.#isAdmitting = true;
    nextMicrotask(() => this.#admit());
  }

  #mayStart(): boolean {
    return this.#taken < this.#concurrency && this.#startsLeft > 0;
  }

  #admit(): void {
    this.#isAdmitting = true;
    while (this.#mayStart()) {
      const waiter = this.#line.shift();
      if (!waiter) break;
      this.#countStart();
      this.#enter(waiter);
    }
    this.#isAdmitting = false;
  }

  #countStart(): void {
    this.#taken += 1;
    this.#startsLeft -= 1;
    if (this.#startsLeft > 0) return;
    this.#clock.nextTurn(() => {
      this.#startsLeft = STARTS_PER_TURN;
      this.#admit();
    });
  }
}
