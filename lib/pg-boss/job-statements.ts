import { createHash } from 'node:crypto';
import {
  insertStatement,
  literal,
  type InsertTarget,
} from './insert-statement.js';

/**
 * The statements of which pg-boss has no counterpart: that are issued before the first
 * `await`, whose pauses are in milliseconds, that find lost jobs within seconds. All
 * work on its table and its states.
 */
export class JobStatements {
  /** The channel on which workers hear of new jobs. */
  readonly channel: string;
  readonly #schema: string;
  readonly #queue: string;
  readonly #target: InsertTarget;
  readonly #insert: string;
  readonly #insertWithKeys: string;

  constructor(schema: string, queue: string, keptS: number) {
    // Of 63 bytes at most, which the names need not be.
    const hash = createHash('sha1').update(`${schema}/${queue}`).digest('hex');
    const channel = `nestjs_tasks_${hash}`;
    const target = { schema, queue, channel, keptS };
    this.channel = channel;
    this.#schema = schema;
    this.#queue = queue;
    this.#target = target;
    this.#insert = insertStatement(target, '$1::text', false, false);
    this.#insertWithKeys = insertStatement(target, '$1::text', true, false);
  }

  /**
   * Stores jobs: `$1` is a JSON list of their `id`, `data` and perhaps `key`. With keys it
   * returns the id and the key of each that was stored, or that waited already.
   */
  insert(hasKeys: boolean): string {
    return hasKeys ? this.#insertWithKeys : this.#insert;
  }

  /** Does the same with that list in a transaction, and fails outside one. */
  insertInTransaction(
    hasKeys: boolean,
    list: string,
    mustBeChecked: boolean,
  ): string {
    return insertStatement(this.#target, literal(list), hasKeys, mustBeChecked);
  }

  /** Removes the job `$1` if it waits; returns a row if it did. */
  cancel(): string {
    return `
      DELETE FROM ${this.#schema}.job
      WHERE name = '${this.#queue}' AND id = $1::uuid AND state < 'active'
      RETURNING id`;
  }

  /**
   * Ends attempts: `$1` is a JSON list of `id`, `count`, `state`, and perhaps `ms`, `isReturned`
   * and `output`. An attempt that is not the job's last one any more is left alone.
   */
  settle(wakesOthers: boolean): string {
    return `
      WITH settled AS (
        UPDATE ${this.#schema}.job j SET
          state = i.state::${this.#schema}.job_state,
          start_after = CASE WHEN i.state = 'retry'
            THEN now() + COALESCE(i.ms, 0) * interval '1 millisecond' ELSE j.start_after END,
          started_on = CASE WHEN i."isReturned" THEN NULL ELSE j.started_on END,
          completed_on = CASE WHEN i.state = 'retry' THEN NULL ELSE now() END,
          heartbeat_on = NULL,
          output = i.output
        FROM json_to_recordset($1::text::json)
          AS i(id uuid, count int, state text, ms float8, "isReturned" boolean, output jsonb)
        WHERE ${this.#isAttempt()}
        RETURNING j.id
      )
      SELECT count(*)${wakesOthers ? `, ${this.#notify()}` : ''} FROM settled`;
  }

  /** Says that attempts go on: `$1` is a JSON list of `id` and `count`. Returns the time of the server. */
  touch(): string {
    return `
      WITH touched AS (
        UPDATE ${this.#schema}.job j SET heartbeat_on = now()
        FROM json_to_recordset($1::text::json) AS i(id uuid, count int)
        WHERE ${this.#isAttempt()}
      )
      SELECT now()::text AS now`;
  }

  /**
   * Puts jobs back of which nobody has said for `$2` ms, as of the time `$1`, that they go on,
   * and gives those up that were lost more than `$3` times in a row. Returns the state of each.
   */
  recover(): string {
    const lost = `COALESCE((output->>'lost')::integer, 0) + 1`;
    const isGivenUp = `${lost} > $3::integer`;
    return `
      WITH lost AS (
        UPDATE ${this.#schema}.job SET
          state = (CASE WHEN ${isGivenUp} THEN 'failed' ELSE 'retry' END)::${this.#schema}.job_state,
          completed_on = CASE WHEN ${isGivenUp} THEN now() END,
          start_after = now(),
          heartbeat_on = NULL,
          output = jsonb_build_object(
            'name', 'WorkerLost', 'message', 'Its worker was lost while it ran.', 'lost', ${lost}
          )
        WHERE name = '${this.#queue}' AND state = 'active'
          AND heartbeat_on < $1::timestamptz - $2::float8 * interval '1 millisecond'
        RETURNING id, state::text
      )
      SELECT id, state, ${this.#notify()} FROM lost`;
  }

  #isAttempt(): string {
    return `j.name = '${this.#queue}' AND j.id = i.id AND j.state = 'active' AND j.retry_count = i.count`;
  }

  #notify(): string {
    return `pg_notify('${this.channel}', '')`;
  }
}
