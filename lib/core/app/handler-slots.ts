import type { Clock } from '../base/clock.js';
import { Waiter } from '../base/waiting-line.js';
import { Slots } from '../running/slots.js';

/** How many error handlers run at once. */
const MOST_AT_ONCE = 100;

/** After that time a handler no longer counts: those that hang must not silence the others. */
const PATIENCE_MS = 30_000;

/** A call of an error handler, in the async context of its failure. */
export class HandlerCall extends Waiter {
  readonly begin: () => void;
  startedAtMs = 0;

  /** @param begin must not throw */
  constructor(begin: () => void) {
    super();
    this.begin = begin;
  }
}

/** Spreads the calls of error handlers, as the starts of tasks are spread. */
export class HandlerSlots {
  readonly #clock: Clock;
  readonly #slots: Slots<HandlerCall>;
  /** Those that hold a slot, the oldest first. */
  readonly #holding = new Set<HandlerCall>();
  #waiting = 0;
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#slots = new Slots(
      clock,
      (call) => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#stopWatching();
        call.runInAsyncScope(this.#begin, this, call);
      },
      MOST_AT_ONCE,
    );
  }

  /** Begins the call, now or later. */
  enter(call: HandlerCall): void {
    if (this.#slots.take()) return this.#begin(call);
    this.#waiting += 1;
    this.#slots.wait(call);
    this.#watch();
  }

  /** The handler is done. */
  leave(call: HandlerCall): void {
    if (this.#holding.delete(call)) this.#slots.free();
  }

  #begin(call: HandlerCall): void {
    call.startedAtMs = this.#clock.now();
    this.#holding.add(call);
    call.begin();
  }

  /** While calls wait, the oldest one that runs is given up in time. */
  #watch(): void {
    const [oldest] = this.#holding;
    if (this.#stopTimer || !oldest || this.#waiting === 0) return;
    const leftMs = oldest.startedAtMs + PATIENCE_MS - this.#clock.now();
    this.#stopTimer = this.#clock.after(Math.max(0, leftMs), () => {
      this.#stopTimer = undefined;
      const endedMs = this.#clock.now() - PATIENCE_MS;
      for (const call of this.#holding) {
        if (call.startedAtMs > endedMs) break;
        this.leave(call);
      }
      this.#watch();
    });
  }

  #stopWatching(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
