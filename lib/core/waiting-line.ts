import { AsyncResource } from 'node:async_hooks';

/**
 * Someone who waits in a line, with the async context in which it was made: what
 * `runInAsyncScope()` calls finds there what AsyncLocalStorage held then.
 */
export class Waiter extends AsyncResource {
  /** The line that it stands in. */
  line: WaitingLine<Waiter> | undefined;
  before: Waiter | undefined;
  after: Waiter | undefined;

  constructor() {
    super('nestjs-tasks');
  }

  /** Gives up its place; `false` when it has none. */
  leave(): boolean {
    if (!this.line) return false;
    this.line.remove(this);
    return true;
  }
}

/** First come, first served. Who stands in it can leave at any time, as cheaply. */
export class WaitingLine<W extends Waiter> {
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(waiter: W): void {
    waiter.line = this;
    waiter.before = this.#last;
    if (this.#last) this.#last.after = waiter;
    else this.#first = waiter;
    this.#last = waiter;
    this.#size += 1;
  }

  /** Takes the first one out of the line. */
  shift(): W | undefined {
    const first = this.#first;
    if (first) this.remove(first);
    // Nobody else can push.
    return first as W | undefined;
  }

  /** Must stand in this line. */
  remove(waiter: Waiter): void {
    const { before, after } = waiter;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    waiter.line = waiter.before = waiter.after = undefined;
    this.#size -= 1;
  }
}
