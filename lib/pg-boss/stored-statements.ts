import { IS_OCCURRENCE } from './occurrence-row.js';
import type { PgBossSettings } from './pg-boss-settings.js';

const ENDED = `('completed', 'cancelled', 'failed')`;

/** Microseconds since 1970, as text, which no driver converts. */
function microseconds(column: string): string {
  return `round(extract(epoch FROM ${column}) * 1000000)::bigint::text`;
}

/** A date of so many microseconds since 1970. */
function dateOf(parameter: string): string {
  return `(timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond')`;
}

/** A row as the statements return it: text only. */
export const COLUMNS = `name, id::text AS id, data::text AS data, output::text AS output,
  CASE WHEN state >= 'active' THEN state::text WHEN start_after > now() THEN 'delayed' ELSE 'waiting' END AS status,
  (retry_count + CASE WHEN started_on IS NULL THEN 0 ELSE 1 END)::text AS attempt,
  ${microseconds('created_on')} AS stored, ${microseconds('start_after')} AS due,
  ${microseconds('started_on')} AS started, ${microseconds('completed_on')} AS ended`;

/** Which jobs of the queue `$1` a section of a list has, and the order of their dates. */
export const SECTIONS = {
  waiting: {
    where: `state < 'active' AND start_after <= now()`,
    by: 'created_on',
  },
  delayed: {
    where: `state < 'active' AND start_after > now()`,
    by: 'created_on',
  },
  running: { where: `state = 'active'`, by: 'created_on' },
  succeeded: { where: `state = 'completed'`, by: 'completed_on' },
  failed: { where: `state = 'failed'`, by: 'completed_on' },
  cancelled: { where: `state = 'cancelled'`, by: 'completed_on' },
} as const;

/**
 * A job of a task: by `->>`, or in the text where `jsonb` refuses a character of it, which
 * is looked for as JSON.
 */
const isTask = (part: 'task' | 'id' | 'key', value: string, json: string) =>
  `(data->>'${part}' = ${value}::text OR position(${json}::text IN data->>'text') > 0)`;

/** The statements by which stored jobs are read and changed, beside those of pg-boss. */
export class StoredStatements {
  readonly #job: string;
  readonly #queue: string;
  /** Of the queues `$1` by the id `$2`. */
  readonly find: string;
  /** The same by the id of the task, `$2` and `$3`, among the jobs with a key. */
  readonly findKeyed: string;
  /** How many jobs the queue `$1` has of each status. */
  readonly counts: string;
  /** Lets the ended job `$2` of queue `$1` run now, if its state is still `$3`. */
  readonly retry: string;
  /** Removes the jobs `$2` of queue `$1` that do not run. */
  readonly remove: string;
  /** Whether the queue `$1` exists. */
  readonly exists: string;

  constructor({ schema }: Pick<PgBossSettings, 'schema'>) {
    this.#job = `${schema}.job`;
    this.#queue = `${schema}.queue`;
    this.find = `SELECT ${COLUMNS} FROM ${this.#job} WHERE name = ANY($1::text[]) AND id = $2::uuid`;
    this.findKeyed = `SELECT ${COLUMNS} FROM ${this.#job}
      WHERE name = ANY($1::text[]) AND singleton_key IS NOT NULL AND ${isTask('id', '$2', '$3')} LIMIT 1`;
    this.counts = `SELECT CASE WHEN state >= 'active' THEN state::text WHEN start_after > now() THEN 'delayed' ELSE 'waiting' END AS status,
        count(*)::text AS count
      FROM ${this.#job} WHERE name = $1 GROUP BY 1`;
    const isFree = `(j.singleton_key IS NULL OR ${IS_OCCURRENCE} OR NOT EXISTS (
      SELECT 1 FROM ${this.#job} w WHERE w.name = j.name AND w.singleton_key = j.singleton_key AND w.state < 'active'))`;
    this.retry = `
      UPDATE ${this.#job} j SET state = 'retry', start_after = now(), completed_on = NULL,
        keep_until = GREATEST(keep_until, now() + interval '10 years'),
        output = CASE WHEN jsonb_typeof(output) = 'object'
          THEN output - 'failures' - 'unknownMs' - 'lost' - 'result' - 'keepMs' - 'progress' ELSE NULL END
      WHERE name = $1 AND id = $2::uuid AND state IN ${ENDED} AND state::text = $3 AND ${isFree}
      RETURNING id`;
    this.remove = `
      DELETE FROM ${this.#job} WHERE name = $1 AND id = ANY($2::uuid[]) AND state <> 'active' RETURNING id`;
    this.exists = `SELECT 1 FROM ${this.#queue} WHERE name = $1`;
  }

  /**
   * A page of a section: of the queue `$1`, `$2` jobs, after the place `$3` (microseconds)
   * and `$4` (an id); with the name `$5` and `$6`, the key in the column `$7`, and the key
   * of any task `$8` and `$9`. Those that are null are no part of it, so that an index finds
   * the place.
   */
  page(
    status: keyof typeof SECTIONS,
    [after, , name, , key, anyKey]: readonly (string | null)[],
  ): string {
    const { where, by } = SECTIONS[status];
    const date = dateOf('$3');
    const conditions = [
      `name = $1 AND ${where}`,
      // Each parameter has a type, also where it is not used.
      '($3::bigint IS NULL OR $4::uuid IS NOT NULL)',
      ...(after
        ? [`${by} <= ${date} AND (${by}, id) < (${date}, $4::uuid)`]
        : []),
      name
        ? isTask('task', '$5', '$6')
        : '$5::text IS NULL AND $6::text IS NULL',
      key ? 'singleton_key = $7::text' : '$7::text IS NULL',
      anyKey
        ? `singleton_key IS NOT NULL AND ${isTask('key', '$8', '$9')}`
        : '$8::text IS NULL AND $9::text IS NULL',
    ];
    // The columns of a page only are converted, whichever plan is chosen.
    return `SELECT ${COLUMNS} FROM (
        SELECT * FROM ${this.#job} WHERE ${conditions.join(' AND ')}
        ORDER BY ${by} DESC, id DESC LIMIT $2::integer) AS page
      ORDER BY page.${by} DESC, page.id DESC`;
  }
}
