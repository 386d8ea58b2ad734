import { TaskPeerMissingError } from '../core/base/durable-errors.js';
import type { TaskRecurrence } from '../core/task/recurrence.js';

/** The dates of a recurrence, in milliseconds since 1970. */
export interface Occurrences {
  /** The first one after a date; `undefined` when there is none. */
  after(ms: number): number | undefined;
  /** The last one up to a date. */
  upTo(ms: number): number | undefined;
}

/**
 * The dates of a recurrence, with the parser of cron expressions that BullMQ and pg-boss
 * use too, so that an expression means the same everywhere.
 *
 * @throws (rejects with) TaskPeerMissingError when the parser is needed and cannot be loaded
 * @throws (rejects with) the error of the parser for an invalid expression
 */
export async function occurrencesOf(
  recurrence: TaskRecurrence,
): Promise<Occurrences> {
  const { cron, timeZone: tz, everyMs } = recurrence;
  if (cron === undefined) {
    return {
      after: (ms) => (Math.floor(ms / everyMs) + 1) * everyMs,
      upTo: (ms) => Math.floor(ms / everyMs) * everyMs,
    };
  }
  const { CronExpressionParser } = await loadParser();
  const from = (ms: number) =>
    CronExpressionParser.parse(cron, { tz, currentDate: new Date(ms) });
  // It is parsed without a date first, so that what is thrown is about the expression.
  CronExpressionParser.parse(cron, { tz });
  return {
    after: (ms) => dateOrNone(() => from(ms).next()),
    // It answers strictly before.
    upTo: (ms) => dateOrNone(() => from(ms + 1).prev()),
  };
}

/** An expression may have no further date, such as one of a 30th of February. */
function dateOrNone(find: () => { getTime(): number }): number | undefined {
  try {
    return find().getTime();
  } catch {
    return undefined;
  }
}

async function loadParser() {
  try {
    return await import('cron-parser');
  } catch (cause) {
    throw new TaskPeerMissingError('`repeat.cron` of @Task()', 'cron-parser', {
      cause,
    });
  }
}
