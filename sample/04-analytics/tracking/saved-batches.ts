import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { EventBatch, TrackedEvent } from './event-batch.js';

interface EventRow extends Omit<TrackedEvent, 'timestamp'> {
  readonly batchId: string;
  readonly timestamp: Date;
}

/** The batches in the database, which wait until the service recovers. */
@Injectable()
export class SavedBatches {
  constructor(private readonly database: Database) {}

  /** Saves all events of a batch or none; existing events are not changed. */
  async save({ id, events }: EventBatch): Promise<void> {
    const rows = events.map((_event, index) => {
      const first = 2 + index * 5;
      const parameters = Array.from({ length: 5 }, (_, at) => `$${first + at}`);
      return `($1, ${parameters.join(', ')})`;
    });
    await this.database.query(
      `INSERT INTO analytics_events
         (batch_id, event_id, event_type, user_id, properties, timestamp)
       VALUES ${rows.join(', ')}
       ON CONFLICT DO NOTHING`,
      [
        id,
        ...events.flatMap((event) => [
          event.eventId,
          event.event,
          event.userId,
          JSON.stringify(event.properties),
          event.timestamp,
        ]),
      ],
    );
  }

  /**
   * Returns the batch that has waited longest and moves it to the end of the queue, so
   * that one that the service never accepts does not block the others.
   */
  async next(): Promise<EventBatch | undefined> {
    const rows = await this.database.query<EventRow>(
      `UPDATE analytics_events SET tried_at = clock_timestamp()
       WHERE batch_id = (
         SELECT batch_id FROM analytics_events ORDER BY tried_at LIMIT 1
       )
       RETURNING batch_id AS "batchId", event_id AS "eventId",
         event_type AS event, user_id AS "userId", properties, timestamp`,
    );
    const [first] = rows;
    if (!first) return undefined;
    const events = rows.map(
      ({ eventId, event, userId, properties, timestamp }) => ({
        eventId,
        event,
        userId,
        properties,
        timestamp: timestamp.toISOString(),
      }),
    );
    return { id: first.batchId, events };
  }

  async delete(id: string): Promise<void> {
    await this.database.query(
      'DELETE FROM analytics_events WHERE batch_id = $1',
      [id],
    );
  }
}
