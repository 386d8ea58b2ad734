import { Inject, Injectable } from '@nestjs/common';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';
import type { EventBatch, TrackedEvent } from './event-batch.js';

/** An event in the format of the service. */
export interface AnalyticsEvent {
  readonly event_id: string;
  readonly event: string;
  readonly user_id: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

@Injectable()
export class AnalyticsClient {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  /** Sends a batch. It may be sent again, because the service recognises it by its id. */
  async post({ id, events }: EventBatch, signal: AbortSignal): Promise<void> {
    await postJson(
      `${this.config.ANALYTICS_URL}/batch`,
      { events: events.map(analyticsEvent) },
      { headers: { 'idempotency-key': id }, signal },
    );
  }
}

function analyticsEvent(event: TrackedEvent): AnalyticsEvent {
  const { eventId, userId, event: name, properties, timestamp } = event;
  return {
    event_id: eventId,
    event: name,
    user_id: userId,
    properties,
    timestamp,
  };
}
