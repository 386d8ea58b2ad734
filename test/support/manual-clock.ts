import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../lib/core/base/clock.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test advances it. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    // As a real timer does, it keeps the async context in which it was set.
    const timer = {
      at: this.#now + delayMs,
      callback: AsyncResource.bind(callback),
    };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  nextTurn(callback: () => void): void {
    setImmediate(callback);
  }

  /** Lets the time pass, firing what is due in order, and settles what follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (let due = this.#nextDue(end); due; due = this.#nextDue(end)) {
      this.#timers.delete(due);
      this.#now = due.at;
      due.callback();
      await turn();
    }
    this.#now = end;
  }

  #nextDue(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** One turn of the event loop: all promises that can settle have settled. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
