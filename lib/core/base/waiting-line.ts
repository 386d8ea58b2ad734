import { AsyncResource } from 'node:async_hooks';
import { LinkedList, type Linked } from './linked-list.js';

/**
 * A place in a line. It keeps the async context in which it was made: what
 * `runInAsyncScope()` calls finds there what AsyncLocalStorage held then.
 */
export class Waiter extends AsyncResource implements Linked {
  /** The line that it stands in. */
  line: WaitingLine<Waiter> | undefined;
  before: Linked | undefined;
  after: Linked | undefined;

  constructor() {
    super('nestjs-tasks');
  }

  /** Leaves the line; `false` when it stands in none. */
  leave(): boolean {
    if (!this.line) return false;
    this.line.remove(this);
    return true;
  }
}

/** A list that its members can leave by themselves. */
export class WaitingLine<W extends Waiter> extends LinkedList<W> {
  override push(waiter: W): void {
    waiter.line = this;
    super.push(waiter);
  }

  override remove(waiter: Waiter): void {
    waiter.line = undefined;
    super.remove(waiter);
  }
}
