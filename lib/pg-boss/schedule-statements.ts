import { IS_OCCURRENCE } from './occurrence-row.js';

/** The statements about recurring tasks that no method of pg-boss can replace (decision 17). */
export class ScheduleStatements {
  /** The occurrences in queue `$1` that have not ended. `state` is `waits` before they begin. */
  readonly live: string;
  /** Removes those of the occurrences `$2` of queue `$1` that have not begun. */
  readonly remove: string;
  /**
   * Notes that attempt `$3` at the occurrence `$2` of queue `$1` and the schedule `$4`
   * begins, and returns a row, unless another one has begun and not ended.
   */
  readonly begin: string;
  /** What the processes other than `$2` declare in the queue `$1` of their leases. */
  readonly declared: string;

  constructor({ schema }: { readonly schema: string }) {
    const job = `${schema}.job`;
    // An attempt that a worker put back because it did not know the task is no beginning.
    const waits = `(state = 'created' OR (state = 'retry' AND started_on IS NULL))`;
    this.live = `
      SELECT id::text AS id, data::text AS data, CASE WHEN ${waits} THEN 'waits' ELSE 'begun' END AS state
        FROM ${job} WHERE name = $1 AND state < 'active' AND ${IS_OCCURRENCE}
      UNION ALL
      SELECT id::text, data::text, 'begun' FROM ${job} WHERE name = $1 AND state = 'active' AND ${IS_OCCURRENCE}`;
    this.remove = `
      DELETE FROM ${job} WHERE name = $1 AND id = ANY($2::uuid[]) AND ${waits} RETURNING id`;
    const hasBegun = `(o.state = 'active' AND (o.output->>'begun' = 'true' OR o.created_on < j.created_on)
      OR o.state = 'retry' AND o.started_on IS NOT NULL)`;
    this.begin = `
      UPDATE ${job} j SET output = CASE WHEN jsonb_typeof(output) = 'object' THEN output ELSE '{}' END || '{"begun": true}'
      WHERE name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3::integer
        AND NOT EXISTS (SELECT 1 FROM ${job} o WHERE o.name = $1 AND o.id <> $2::uuid
          AND o.singleton_key = $4::text AND o.state IN ('active', 'retry') AND ${hasBegun})
      RETURNING id`;
    this.declared = `SELECT data::text AS data FROM ${job} WHERE name = $1 AND id <> $2::uuid AND keep_until > now()`;
  }
}
