import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TrackEvent } from './track-event.js';

export interface TrackedEvent extends TrackEvent {
  readonly eventId: string;
  readonly timestamp: string;
}

/**
 * Events that are sent together. The id never changes, so that a receiver recognises a
 * batch that it has already accepted.
 */
export interface EventBatch {
  readonly id: string;
  readonly events: readonly TrackedEvent[];
}

export function batchOf(events: readonly TrackedEvent[]): EventBatch {
  return { id: randomUUID(), events };
}

/** The batches, by id, that were scheduled and are neither at the service nor in the database. */
@Injectable()
export class OpenBatches extends Map<string, EventBatch> {}
