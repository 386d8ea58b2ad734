import type { JobInsert } from 'pg-boss';
import type { TaskJob } from '../durable/durable-engine.js';
import { queueKeyOf } from '../durable/envelope.js';
import { isUuid, uuidOf } from '../engine-kit/uuid.js';
import { FOR_EVER_S } from './pg-boss-settings.js';

/** What PostgreSQL refuses in `jsonb`: NUL and lone surrogates. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
/** The escapes that may stand for them. */
const UNSTORABLE_IN_JSON = /\\u(?:0000|d[89a-f])/i;

/** The id of a job without a key. */
export function idOf(job: TaskJob): string {
  return isUuid(job.id) ? job.id : uuidOf(`id ${job.id}`);
}

/** The key of a job as a UUID, so that its length and characters do not matter. */
export function keyOf(job: TaskJob): string | undefined {
  const key = queueKeyOf(job);
  return key === undefined ? undefined : uuidOf(`key ${key}`);
}

/**
 * Where a job stands among the others: pg-boss takes higher numbers first. A delay is
 * added to the time of the server.
 */
export function orderOf({ priority = 0, delayMs, dueAt }: TaskJob): {
  priority?: number;
  startAfter?: string;
} {
  return {
    ...(priority > 0 && { priority: -priority }),
    ...(delayMs && { startAfter: `${delayMs / 1_000} seconds` }),
    ...(dueAt !== undefined && { startAfter: new Date(dueAt).toISOString() }),
  };
}

/** A job without a key, as pg-boss is told to store it. */
export function insertOf(
  job: TaskJob,
  keptS: number,
): JobInsert & { id: string; data: object } {
  return {
    id: idOf(job),
    data: dataOf(job),
    // The pauses, retries and time limits are those of the task.
    retryLimit: 0,
    expireInSeconds: FOR_EVER_S,
    retentionSeconds: FOR_EVER_S,
    deleteAfterSeconds: keptS,
    ...orderOf(job),
  };
}

/** The `data` of a job: itself, or its JSON as text where `jsonb` refuses a character of it. */
export function dataOf(job: TaskJob): object {
  // pg-boss makes the JSON, so it is not made of the arguments here, which may be long.
  return isStorable(job) ? job : { text: JSON.stringify(job) };
}

function isStorable(job: TaskJob): boolean {
  const { id, task, args, key = '', options, context } = job;
  if (UNSTORABLE.test(args) || UNSTORABLE.test(id + task + key)) return false;
  // Most jobs have neither, and JSON takes longer than all else here.
  const isPlain = context === undefined && Object.keys(options).length === 0;
  return (
    isPlain || !UNSTORABLE_IN_JSON.test(JSON.stringify({ options, context }))
  );
}

/**
 * The job of a `data` column, or what is there instead of one: anything may have been
 * stored.
 */
export function jobOf(data: unknown): unknown {
  const parsed = parsedData(data);
  const { text, schedule } = Object(parsed) as Record<string, unknown>;
  if (typeof text === 'string') return parsedOr(text);
  return typeof schedule === 'string' ? withoutSchedule(parsed) : parsed;
}

/** The value of a `data` column: the application may have changed how `jsonb` is parsed. */
export function parsedData(data: unknown): unknown {
  return typeof data === 'string' ? parsedOr(data) : data;
}

/** The job of an occurrence, without what only its schedule needs. */
function withoutSchedule(data: unknown): object {
  const {
    schedule: _schedule,
    last: _last,
    ...job
  } = Object(data) as Record<string, unknown>;
  return job;
}

/** The text itself where it is not JSON. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
