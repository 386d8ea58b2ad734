import { batchOf, type EventBatch, type TrackedEvent } from './event-batch.js';

/** The events of a user are sent as soon as there are this many. */
export const FULL = 10;

/** The limit of a batch with the events of several users. */
const LARGEST_BATCH = 100;

/** The buffered events by user. It needs no lock, because no method awaits anything. */
export class EventBuffer {
  readonly #byUser = new Map<number, TrackedEvent[]>();

  /** Returns the events of the user as a batch once there are enough of them. */
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

  /** Removes all events and returns them in as few batches as possible. */
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
