import { FOR_EVER_S } from './pg-boss-settings.js';

/** The setting that a transaction of the caller is marked with. */
const MARK = 'nestjs_tasks.transaction';

/** In the place of an id: why the insert statement has stored nothing. */
export const NO_QUEUE = 'no queue';
export const NO_TRANSACTION = 'no transaction';

/** Marks the transaction of a connection with `$1`; without a transaction the mark is gone at once. */
export const MARK_STATEMENT = `SELECT set_config('${MARK}', $1, true)`;

/** Holds in the transaction that is marked with `$3`, and everywhere if `$3` is null. */
const IS_MARKED = `($3::text IS NULL OR current_setting('${MARK}', true) IS NOT DISTINCT FROM $3::text)`;

/** A date, or a span of time from now on. */
const START_AFTER = `(CASE WHEN i."startAfter" LIKE '%Z' THEN i."startAfter"::timestamptz
  ELSE now() + COALESCE(i."startAfter", '0')::interval END)`;

/**
 * Stores jobs with a key, or in a transaction of the caller: `$1` is a JSON list of `id`,
 * `data`, and optional `key`, `priority` and `startAfter`, `$2` the queue. Returns the id
 * and the key of each job that was stored or was waiting already, and the reasons for
 * which nothing was: an error would abort the transaction, which may be a stranger's.
 *
 * @param notify the statement that wakes the workers, if they are to be
 */
export function insertStatement(
  schema: string,
  keptS: number,
  notify: string | undefined,
): string {
  const job = `${schema}.job`;
  // A blocked job was made by other software, and may never run.
  const isWaiting = `w.name = $2::text AND w.singleton_key = i.key::text AND w.state < 'active' AND NOT w.blocked`;
  const isStray = `w.name = $2::text AND COALESCE(w.singleton_key, '') = i.key::text AND w.state = 'created' AND w.policy = 'short' AND w.blocked`;
  // The id derived from a key is free unless a job with that key is running or has ended.
  // The unique index of pg-boss for the policy 'short' allows one new job per key, be it blocked.
  return `
    WITH input AS (
      SELECT * FROM json_to_recordset($1::text::json) AS x(id uuid, key uuid, data jsonb, priority integer, "startAfter" text)
    ),
    stored AS (
      INSERT INTO ${job} (id, name, data, priority, start_after, expire_seconds, deletion_seconds, keep_until,
        retry_limit, dead_letter, heartbeat_seconds, singleton_key, policy)
      SELECT
        CASE WHEN i.key IS NULL OR EXISTS (
          SELECT 1 FROM ${job} t WHERE t.name = $2::text AND t.id = i.key
        ) THEN i.id ELSE i.key END,
        $2::text, i.data, COALESCE(i.priority, 0), ${START_AFTER}, ${FOR_EVER_S}, ${keptS}, now() + ${FOR_EVER_S} * interval '1 second',
        0, q.dead_letter, q.heartbeat_seconds,
        i.key::text, CASE WHEN i.key IS NULL OR EXISTS (SELECT 1 FROM ${job} w WHERE ${isStray}) THEN 'standard' ELSE 'short' END
      FROM input i JOIN ${schema}.queue q ON q.name = $2::text
      WHERE ${IS_MARKED} AND (i.key IS NULL OR NOT EXISTS (SELECT 1 FROM ${job} w WHERE ${isWaiting}))
      ON CONFLICT DO NOTHING
      RETURNING id, singleton_key
    )${notify ? `, woken AS MATERIALIZED (${notify})` : ''}
    SELECT s.id::text, s.singleton_key AS key FROM stored s${notify ? ' CROSS JOIN woken' : ''}
    UNION ALL
    SELECT w.id::text, w.singleton_key AS key FROM input i JOIN ${job} w ON ${isWaiting}
    UNION ALL
    SELECT '${NO_TRANSACTION}', NULL WHERE NOT ${IS_MARKED}
    UNION ALL
    SELECT '${NO_QUEUE}', NULL WHERE NOT EXISTS (SELECT 1 FROM ${schema}.queue WHERE name = $2::text)`;
}
