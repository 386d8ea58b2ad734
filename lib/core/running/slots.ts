import { nextMicrotask, type Clock } from '../base/clock.js';
import { WaitingLine, type Waiter } from '../base/waiting-line.js';

/** How many tasks may start in one turn of the event loop. */
export const STARTS_PER_TURN = 50;

/**
 * Limits what runs: at most `concurrency` tasks at once, first come first served, and no
 * more than {@link STARTS_PER_TURN} starts in one turn of the event loop, so that a burst
 * of tasks does not starve the requests beside it.
 */
export class Slots<W extends Waiter> {
  readonly #clock: Clock;
  readonly #enter: (waiter: W) => void;
  readonly #concurrency: number;
  readonly #line = new WaitingLine<W>();
  #taken = 0;
  #isAdmitting = false;
  #startsLeft = STARTS_PER_TURN;

  /** @param enter is called with the next waiter, for which a slot has been taken. Must not throw. */
  constructor(
    clock: Clock,
    enter: (waiter: W) => void,
    concurrency = Infinity,
  ) {
    this.#clock = clock;
    this.#enter = enter;
    this.#concurrency = concurrency;
  }

  /** How many waiters exceed the free slots; negative while slots are free. */
  get excess(): number {
    return this.#line.size - (this.#concurrency - this.#taken);
  }

  /** What waits for a slot. */
  get line(): Pick<WaitingLine<W>, 'size' | 'first'> {
    return this.#line;
  }

  /** Takes a slot now, if one is free and nothing waits for it. */
  take(): boolean {
    if (this.#line.size > 0 || !this.#mayStart()) return false;
    this.#countStart();
    return true;
  }

  /** Puts the waiter in line, until it leaves or enters. */
  wait(waiter: W): void {
    this.#line.push(waiter);
  }

  /** Gives a slot back. */
  free(): void {
    this.#taken -= 1;
    // Admits others once the caller is done.
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
