import { batchOf, type EventBatch, type TrackedEvent } from './event-batch.js';

/** A user's events are sent as soon as there are that many. */
export const FULL = 10;

/** The events of several users are sent together, up to that many. */
const LARGEST_BATCH = 100;

/**
 * The events that wait, user by user. It needs no lock: nothing is awaited between
 * the look at a buffer and the change to it.
 */
export class EventBuffer {
  readonly #byUser = new Map<number, TrackedEvent[]>();

  /** Gives the user's events as a batch when there are enough of them. */
  add(event: TrackedEvent): EventBatch | undefined {
    const events = this.#byUser.get(event.userId) ?? [];
    events.push(event);
    if (events.length < FULL) {
      this.#byUser.set(event.userId, events);
      return undefined;
    }
    this.#byUser.delete(event.userId);
    return batchOf(events);
  }

  /** Gives all that waits, in as few batches as may be, and forgets it. */
  takeAll(): EventBatch[] {
    const events = [...this.#byUser.values()].flat();
    this.#byUser.clear();
    const batches: EventBatch[] = [];
    while (events.length > 0) {
      batches.push(batchOf(events.splice(0, LARGEST_BATCH)));
    }
    return batches;
  }
}
