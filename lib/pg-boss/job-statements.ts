import { createHash } from 'node:crypto';
import { insertStatement, MARK_STATEMENT } from './insert-statement.js';
import type { OpenBoss } from './open-boss.js';
import { changesOf } from './queue-marks.js';
import { FOR_EVER_S, type PgBossSettings } from './pg-boss-settings.js';

/**
 * The statements that no method of pg-boss can replace (decision 11). All of them work on
 * the table and the states of pg-boss, and compare the times of the server only.
 */
export class JobStatements {
  /** The channel on which pg-boss announces new jobs; the payload is their queue. */
  readonly channel: string;
  readonly mark = MARK_STATEMENT;
  readonly insert: string;
  /** Removes the job `$2` of queue `$1` if it is waiting, and returns a row in that case. */
  readonly remove: string;
  /**
   * Puts attempts back, or lets none follow them: `$2` is a JSON list of `id`, `count` and
   * `output`, of `ms` where they are to run again, and of `isStart` where that does not count. Attempts that the
   * queue `$1` has ended otherwise are ignored.
   */
  readonly postpone: string;
  /**
   * Puts jobs of queue `$1` back that had no heartbeat for `$2` ms, and lets no attempt
   * follow those that were lost more than `$3` times in a row: these are returned, to be
   * failed. Nobody counts as lost if the server's last answer, at `$4`, is almost as long
   * ago: it was frozen then, and others could not send heartbeats either. The statement also
   * returns whether the queue `$5` exists, which marks a pause.
   */
  readonly recover: string;

  /** Whether the queue `$1` exists. */
  readonly exists: string;
  /** Keeps the completed job `$2` of queue `$1` for `$3` ms. */
  readonly keep: string;

  /** Stores the progress `$4` of attempt `$3` at job `$2` of queue `$1`. */
  readonly progress: string;
  readonly #notify: boolean;

  constructor({ schema, keptS, notify }: PgBossSettings) {
    this.#notify = notify;
    const hash = createHash('sha224').update(schema).digest('hex');
    this.channel = `pgboss_${hash.slice(0, 24)}`;
    const wake = `pg_notify('${this.channel}', $1::text)`;
    this.insert = insertStatement(
      schema,
      keptS,
      notify ? `SELECT pg_notify('${this.channel}', $2::text)` : undefined,
    );
    this.progress = `
      UPDATE ${schema}.job SET output = CASE WHEN jsonb_typeof(output) = 'object' THEN output ELSE '{}' END
        || jsonb_build_object('progress', $4::text)
      WHERE name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3::integer`;
    this.exists = `SELECT 1 FROM ${schema}.queue WHERE name = $1`;
    this.keep = `
      UPDATE ${schema}.job SET deletion_seconds = LEAST(GREATEST(ceil($3::float8 / 1000), 1), ${FOR_EVER_S})::integer
      WHERE name = $1 AND id = $2::uuid AND state = 'completed'
      RETURNING id`;
    this.remove = `
      DELETE FROM ${schema}.job
      WHERE name = $1 AND id = $2::uuid AND state < 'active'
      RETURNING id`;
    this.postpone = `
      WITH ended AS (
        SELECT * FROM json_to_recordset($2::text::json)
          AS x(id uuid, count integer, ms float8, "isStart" boolean, output jsonb)
      ),
      postponed AS (
        UPDATE ${schema}.job j SET
          state = (CASE WHEN e.ms IS NULL THEN 'active' ELSE 'retry' END)::${schema}.job_state,
          retry_limit = CASE WHEN e.ms IS NULL THEN j.retry_count ELSE j.retry_limit END,
          start_after = CASE WHEN e.ms IS NULL THEN j.start_after ELSE now() + e.ms * interval '1 millisecond' END,
          started_on = CASE WHEN e."isStart" IS FALSE THEN NULL ELSE j.started_on END,
          output = e.output
        FROM ended e
        WHERE j.name = $1::text AND j.id = e.id AND j.state = 'active' AND j.retry_count = e.count
        RETURNING e.ms
      )
      SELECT count(*) AS count${notify ? `, max(${wake}::text) AS woken` : ''} FROM postponed WHERE ms = 0`;
    const lost = `(CASE WHEN output->>'lost' ~ '^[0-9]{1,6}$' THEN (output->>'lost')::integer ELSE 0 END + 1)`;
    const isGivenUp = `${lost} > $3::integer`;
    this.recover = `
      WITH lost AS (
        UPDATE ${schema}.job SET
          state = (CASE WHEN ${isGivenUp} THEN 'active' ELSE 'retry' END)::${schema}.job_state,
          retry_limit = CASE WHEN ${isGivenUp} THEN retry_count ELSE retry_limit END,
          start_after = now(),
          output = CASE WHEN jsonb_typeof(output) = 'object' THEN output ELSE '{}' END || jsonb_build_object(
            'name', 'WorkerLost', 'message', 'Its worker was lost while it ran.', 'lost', ${lost})
        WHERE name = $1::text AND state = 'active'
          AND heartbeat_on < now() - $2::float8 * interval '1 millisecond'
          AND now() < to_timestamp($4::float8) + 0.75 * $2::float8 * interval '1 millisecond'
        RETURNING id, retry_count, state
      )
      SELECT extract(epoch FROM now())::text AS now,
        (SELECT count(*)::text FROM lost WHERE state <> 'active'${notify ? ` AND ${wake} IS NOT NULL` : ''}) AS again,
        (SELECT (count(*) > 0)::text FROM ${schema}.queue WHERE name = $5::text) AS paused,
        (SELECT string_agg(id || ' ' || retry_count, ',') FROM lost WHERE state = 'active') AS "givenUp"`;
  }

  /** Tells all workers of a queue that jobs are due, or that they have to look at it. */
  async announce(
    { boss }: OpenBoss,
    what: 'jobs' | 'changes',
    queue: string,
  ): Promise<void> {
    if (!this.#notify) return;
    const payload = what === 'jobs' ? queue : changesOf(queue);
    const text = 'SELECT pg_notify($1::text, $2::text)';
    await boss.getDb().executeSql(text, [this.channel, payload]);
  }
}
