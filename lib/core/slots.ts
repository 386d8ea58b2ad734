import type { Clock } from './clock.js';

/** How many tasks may start in one turn of the event loop. */
export const STARTS_PER_TURN = 50;

/** A place in the line for a slot. */
export class SlotTicket {
  readonly #line: Set<SlotTicket>;
  #admit!: () => void;
  /** Resolves when a slot was taken for the holder. */
  readonly admitted: Promise<void>;

  constructor(line: Set<SlotTicket>) {
    this.#line = line;
    this.admitted = new Promise((resolve) => (this.#admit = resolve));
    line.add(this);
  }

  admit(): void {
    this.#line.delete(this);
    this.#admit();
  }

  /** Gives up the place; `false` when the slot was taken already. */
  leave(): boolean {
    return this.#line.delete(this);
  }

  interrupt(): void {
    this.leave();
  }
}

/**
 * Who may run: at most `concurrency` attempts at once, first come first served,
 * and no more than {@link STARTS_PER_TURN} starts in one turn of the event loop,
 * so that a burst of tasks does not starve the requests beside it.
 */
export class Slots {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #line = new Set<SlotTicket>();
  #taken = 0;
  /** Who has been admitted and has not gone on yet: nobody may start before them. */
  #entering = 0;
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
    if (this.#line.size > 0 || this.#entering > 0) return false;
    if (!this.#mayStart()) return false;
    this.#countStart();
    return true;
  }

  /** Takes a place in the line. */
  wait(): SlotTicket {
    return new SlotTicket(this.#line);
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
    let admitted = 0;
    for (const ticket of this.#line) {
      if (!this.#mayStart()) break;
      this.#countStart();
      ticket.admit();
      admitted += 1;
    }
    if (admitted === 0) return;
    this.#entering += admitted;
    // Behind the reactions to their promises.
    queueMicrotask(() => {
      this.#entering -= admitted;
      this.#admit();
    });
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
