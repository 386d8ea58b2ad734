import { createHash } from 'node:crypto';

/** As good as for ever, in seconds: 68 years, the most that the columns hold. */
const FOR_EVER_S = 2 ** 31 - 1;

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
  readonly #keptS: number;

  constructor(schema: string, queue: string, keptS: number) {
    this.#schema = schema;
    this.#queue = queue;
    this.#keptS = keptS;
    // Of 63 bytes at most, which the names need not be.
    const hash = createHash('sha1').update(`${schema}/${queue}`).digest('hex');
    this.channel = `nestjs_tasks_${hash}`;
  }

  /**
   * Stores jobs: `$1` is a JSON list of their `id`, `data` and perhaps `key`. With keys it
   * returns the id and the key of each that was stored, or that waited already.
   *
   * @param inTransaction whether it is to fail outside a transaction
   */
  insert(hasKeys: boolean, inTransaction: boolean): string {
    const job = `${this.#schema}.job`;
    const name = `'${this.#queue}'`;
    const id = hasKeys
      ? `CASE WHEN j.key IS NULL OR EXISTS (
           SELECT 1 FROM ${job} t WHERE t.name = ${name} AND t.id = j.key
         ) THEN j.id ELSE j.key END`
      : 'j.id';
    // What pg-boss itself would do in time must not happen: jobs wait for as long as it takes,
    // run for as long as their worker is heard of, and end as their outcome says.
    return `
      WITH ${hasKeys ? `input AS (SELECT * FROM json_to_recordset($1::text::json) AS x(id uuid, key uuid, data jsonb)),` : ''}
      stored AS (
        INSERT INTO ${job} (
          id, name, data, singleton_key, policy,
          priority, expire_seconds, deletion_seconds, keep_until, retry_limit
        )
        SELECT ${id}, ${name}, j.data,
          ${hasKeys ? `j.key::text, CASE WHEN j.key IS NULL THEN 'standard' ELSE 'short' END` : `NULL, 'standard'`},
          ${inTransaction ? IN_TRANSACTION : '0'},
          ${FOR_EVER_S}, ${this.#keptS}, now() + interval '100 years', ${FOR_EVER_S}
        FROM ${hasKeys ? 'input j' : 'json_to_recordset($1::text::json) AS j(id uuid, data jsonb)'}
        ${hasKeys ? `WHERE j.key IS NULL OR NOT EXISTS (${this.#waitingOf('j.key')})` : ''}
        ON CONFLICT DO NOTHING
        ${hasKeys ? 'RETURNING id, singleton_key' : ''}
      )${
        hasKeys
          ? `, woken AS MATERIALIZED (SELECT ${this.#notify()})
      SELECT s.id, s.singleton_key AS key FROM stored s CROSS JOIN woken
      UNION ALL
      SELECT w.id, w.singleton_key AS key FROM ${job} w JOIN input j ON w.singleton_key = j.key::text
      WHERE w.name = ${name} AND w.state < 'active'`
          : `
      SELECT ${this.#notify()}`
      }`;
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

  /** Puts jobs back of which nobody has said for `$2` ms, as of the time `$1`, that they go on. */
  recover(): string {
    return `
      WITH lost AS (
        UPDATE ${this.#schema}.job SET state = 'retry', start_after = now(), heartbeat_on = NULL
        WHERE name = '${this.#queue}' AND state = 'active'
          AND heartbeat_on < $1::timestamptz - $2::float8 * interval '1 millisecond'
        RETURNING id, data
      )
      SELECT id, data, ${this.#notify()} FROM lost`;
  }

  #waitingOf(key: string): string {
    return `
      SELECT 1 FROM ${this.#schema}.job w
      WHERE w.name = '${this.#queue}' AND w.singleton_key = ${key}::text AND w.state < 'active'`;
  }

  #isAttempt(): string {
    return `j.name = '${this.#queue}' AND j.id = i.id AND j.state = 'active' AND j.retry_count = i.count`;
  }

  #notify(): string {
    return `pg_notify('${this.channel}', '')`;
  }
}

/**
 * Zero, or an error outside a transaction: there the statement is the first of its own, so
 * that time has not gone on since its beginning.
 */
const IN_TRANSACTION = `(CASE WHEN now() < statement_timestamp() THEN '0'
  ELSE 'nestjs-tasks: the connection is not in a transaction (any more)' END)::integer`;
