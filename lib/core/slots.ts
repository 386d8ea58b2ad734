import type { Clock } from './clock.js';

/** How many tasks may start in one turn of the event loop. */
export const STARTS_PER_TURN = 50;

export interface SlotTicket {
  /** Resolves when a slot was taken for the holder. */
  readonly admitted: Promise<void>;
  /** Gives up the place in the line; `false` when the slot was taken already. */
  leave(): boolean;
}

/**
 * Who may run: at most `concurrency` attempts at once, first come first served,
 * and no more than {@link STARTS_PER_TURN} starts in one turn of the event loop,
 * so that a burst of tasks does not starve the requests beside it.
 */
export class Slots {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #line = new Set<() => void>();
  #taken = 0;
  #startsLeft = STARTS_PER_TURN;

  constructor(clock: Clock, concurrency = Infinity) {
    this.#clock = clock;
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

  /** Takes a place in the line. */
  wait(): SlotTicket {
    let admit!: () => void;
    const admitted = new Promise<void>((resolve) => (admit = resolve));
    this.#line.add(admit);
    return { admitted, leave: () => this.#line.delete(admit) };
  }

  /** Gives a slot back. */
  free(): void {
    this.#taken -= 1;
    this.#admit();
  }

  #mayStart(): boolean {
    return this.#taken < this.#concurrency && this.#startsLeft > 0;
  }

  #admit(): void {
    for (const admit of this.#line) {
      if (!this.#mayStart()) return;
      this.#line.delete(admit);
      this.#countStart();
      admit();
    }
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
