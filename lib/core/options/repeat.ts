import { toMilliseconds, type Duration } from '../base/duration.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import type { RepeatOptions, TaskRecurrence } from '../task/recurrence.js';
import {
  aString,
  checkOptions,
  oneOf,
  refuse,
  type OptionCheck,
} from './check-options.js';

const SHORTEST_MS = 100;

/** Five or six fields, or a nickname; the rest is for the parser, at bootstrap. */
const CRON =
  /^\s*(?:@(?:hourly|daily|weekly|monthly|yearly)|\S+(?:\s+\S+){4,5})\s*$/;
/** A field that is another one at each parse. */
const RANDOM = /(?:^|[\s,])H/;

const CHECKS = {
  cron: aCron,
  timeZone: aTimeZone,
  every: anInterval,
  missed: oneOf('once', 'skip'),
  overlap: oneOf('skip', 'allow'),
} satisfies Record<string, OptionCheck>;

/** Checks the option `repeat`. */
export const aRepeat: OptionCheck = (value, option) => {
  const { cron, every, timeZone } = checkOptions(
    value,
    CHECKS,
    `The options of \`${option}\``,
    option,
  );
  if ((cron === undefined) === (every === undefined)) {
    throw new TaskInvalidOptionError(
      `\`${option}\` must have either \`cron\` or \`every\`: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } or { every: '15m' }.`,
    );
  }
  if (every !== undefined && timeZone !== undefined) {
    throw new TaskInvalidOptionError(
      `\`${option}.timeZone\` is for \`cron\`: an interval is the same in every time zone. Leave it out.`,
    );
  }
};

/** Fills in the defaults of a checked `repeat`. */
export function recurrenceOf({
  cron,
  timeZone = 'UTC',
  every,
  missed = 'once',
  overlap = 'skip',
}: RepeatOptions): TaskRecurrence {
  return cron === undefined
    ? { everyMs: intervalMs(every, 'repeat.every'), missed, overlap }
    : { cron: cron.trim().replace(/\s+/g, ' '), timeZone, missed, overlap };
}

/** Whether occurrences may be at other times than full minutes. */
export function needsSeconds({ cron, everyMs }: TaskRecurrence): boolean {
  if (cron === undefined) return everyMs % 60_000 !== 0;
  const fields = cron.split(' ');
  return fields.length === 6 && !/^0+$/.test(fields[0] ?? '');
}

function aCron(value: unknown, option: string): void {
  aString(value, option);
  if (!CRON.test(value as string) || RANDOM.test(value as string)) {
    refuse(
      option,
      "a cron expression of five or six fields, such as '0 3 * * *', without `H`",
      value,
    );
  }
}

function aTimeZone(value: unknown, option: string): void {
  aString(value, option);
  try {
    Intl.DateTimeFormat('en', { timeZone: value as string });
  } catch {
    refuse(option, "a time zone, such as 'Europe/Berlin'", value);
  }
}

function anInterval(value: unknown, option: string): void {
  const ms = intervalMs(value as Duration, option);
  if (!Number.isInteger(ms) || ms < SHORTEST_MS) {
    refuse(
      option,
      `a whole number of milliseconds, at least ${SHORTEST_MS}`,
      value,
    );
  }
}

function intervalMs(every: Duration, option: string): number {
  return toMilliseconds(every, option, Number.MAX_SAFE_INTEGER);
}
