import { randomUUID } from 'node:crypto';
import type { TrackEvent } from './track-event.js';

export interface TrackedEvent extends TrackEvent {
  readonly eventId: string;
  readonly timestamp: string;
}

/**
 * Events that travel together. The id stays the same on every way that the batch
 * takes, so that whoever gets it twice can tell.
 */
export interface EventBatch {
  readonly id: string;
  readonly events: readonly TrackedEvent[];
}

export function batchOf(events: readonly TrackedEvent[]): EventBatch {
  return { id: randomUUID(), events };
}
