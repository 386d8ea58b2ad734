/** As good as for ever, in seconds: 68 years, the most that the columns hold. */
const FOR_EVER_S = 2 ** 31 - 1;

/** Where jobs are stored, and for how long they are kept after their end. */
export interface InsertTarget {
  readonly schema: string;
  readonly queue: string;
  readonly channel: string;
  readonly keptS: number;
}

/**
 * Zero, or an error outside a transaction. There the statement is the first of its own,
 * so that time has not gone on since its beginning; this holds for statements without
 * parameters only.
 */
const ZERO_IN_TRANSACTION = `(CASE WHEN now() < statement_timestamp() THEN '0'
  ELSE 'nestjs-tasks: the connection is not in a transaction (any more)' END)::integer`;

/**
 * Stores jobs: `rows` is an expression for a JSON list of their `id`, `data` and perhaps
 * `key`, as text. With keys it returns the id and the key of each that was stored, or that
 * waited already.
 */
export function insertStatement(
  { schema, queue, channel, keptS }: InsertTarget,
  rows: string,
  hasKeys: boolean,
  mustBeInTransaction: boolean,
): string {
  const job = `${schema}.job`;
  // What pg-boss itself would do in time must not happen: jobs wait for as long as it takes,
  // run for as long as their worker is heard of, and end as their outcome says.
  const columns = `id, name, data, priority, expire_seconds, deletion_seconds, keep_until, retry_limit,
    singleton_key, policy`;
  const values = `'${queue}', j.data, ${mustBeInTransaction ? ZERO_IN_TRANSACTION : '0'},
    ${FOR_EVER_S}, ${keptS}, now() + interval '100 years', ${FOR_EVER_S}`;
  const notify = `pg_notify('${channel}', '')`;
  if (!hasKeys) {
    return `
      WITH stored AS (
        INSERT INTO ${job} (${columns})
        SELECT j.id, ${values}, NULL, 'standard'
        FROM json_to_recordset(${rows}::json) AS j(id uuid, data jsonb)
        ON CONFLICT DO NOTHING
      )
      SELECT ${notify}`;
  }
  const isWaiting = `w.name = '${queue}' AND w.singleton_key = j.key::text AND w.state < 'active'`;
  // The id of a key is free unless a job of that key runs, or has ended. That one job of a
  // key waits is what the unique index of pg-boss for the policy 'short' sees to.
  return `
    WITH input AS (
      SELECT * FROM json_to_recordset(${rows}::json) AS x(id uuid, key uuid, data jsonb)
    ),
    stored AS (
      INSERT INTO ${job} (${columns})
      SELECT
        CASE WHEN j.key IS NULL OR EXISTS (
          SELECT 1 FROM ${job} t WHERE t.name = '${queue}' AND t.id = j.key
        ) THEN j.id ELSE j.key END,
        ${values},
        j.key::text, CASE WHEN j.key IS NULL THEN 'standard' ELSE 'short' END
      FROM input j
      WHERE j.key IS NULL OR NOT EXISTS (SELECT 1 FROM ${job} w WHERE ${isWaiting})
      ON CONFLICT DO NOTHING
      RETURNING id, singleton_key
    ),
    woken AS MATERIALIZED (SELECT ${notify})
    SELECT s.id, s.singleton_key AS key FROM stored s CROSS JOIN woken
    UNION ALL
    SELECT w.id, w.singleton_key AS key FROM input j JOIN ${job} w ON ${isWaiting}`;
}

/** Text as an expression, whatever the settings of the connection are. */
export function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
