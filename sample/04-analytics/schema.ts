/**
 * Events that the analytics service did not accept. The properties are `json` because
 * `jsonb` rejects some escapes, and one event must not block the nine others of its
 * batch.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS analytics_events (
    event_id   uuid        PRIMARY KEY,
    batch_id   uuid        NOT NULL,
    event_type text        NOT NULL,
    user_id    integer     NOT NULL,
    properties json        NOT NULL,
    timestamp  timestamptz NOT NULL,
    tried_at   timestamptz NOT NULL DEFAULT clock_timestamp()
  );

  CREATE INDEX IF NOT EXISTS analytics_events_by_batch
    ON analytics_events (batch_id);

  CREATE INDEX IF NOT EXISTS analytics_events_by_age
    ON analytics_events (tried_at);
`;
