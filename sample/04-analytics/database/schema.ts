/** The largest value of an `integer` column. */
export const LARGEST_INTEGER = 2_147_483_647;

/**
 * Events that the analytics service could not be given. The properties are `json`
 * and not `jsonb`: it keeps any JSON there is, `jsonb` refuses some escapes, and one
 * event must not be in the way of nine others.
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
