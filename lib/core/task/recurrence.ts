import type { Duration } from '../base/duration.js';

/**
 * When a recurring task runs: either `cron`, by the clock of a time zone, or `every`. With
 * `bullmqEngine()` and `pgBossEngine()`, once per occurrence among all processes that share
 * the store, however many declare it; with `inProcessEngine()`, once in each process.
 *
 * @publicApi
 */
export type RepeatOptions = (
  | {
      /**
       * A cron expression of five fields, or of six, which begin with the second, such as
       * `'0 3 * * *'`, or one of `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`.
       * A time of day that is skipped when the clocks go forward runs an hour later; one
       * that comes twice when they go back runs the first time only.
       */
      cron: string;
      /**
       * The time zone of the expression, such as `'Europe/Berlin'`.
       *
       * @default 'UTC'
       */
      timeZone?: string | undefined;
      every?: undefined;
    }
  | {
      /**
       * The time between two occurrences, at least 100 ms. They are at its multiples since
       * 1970 (UTC), so that `'15m'` is at :00, :15, :30 and :45, in every process.
       */
      every: Duration;
      cron?: undefined;
      timeZone?: undefined;
    }
) & {
  /**
   * What becomes of occurrences that came due while no process could run them. `once`: the
   * task runs once, as soon as possible. `skip`: an occurrence that would start more than a
   * minute late is skipped, also when it has waited for a free worker.
   *
   * @default 'once'
   */
  missed?: 'once' | 'skip' | undefined;
  /**
   * What becomes of an occurrence while an earlier one has not ended in any process, its
   * retries included: it is skipped, or runs beside it.
   *
   * @default 'skip'
   */
  overlap?: 'skip' | 'allow' | undefined;
};

/**
 * When a recurring task runs, checked and complete.
 *
 * @publicApi
 */
export type TaskRecurrence = (
  | {
      /** A cron expression that can be parsed. */
      readonly cron: string;
      /** The name of its time zone. */
      readonly timeZone: string;
      readonly everyMs?: undefined;
    }
  | {
      /** The time between two occurrences, which are at its multiples since 1970 (UTC). */
      readonly everyMs: number;
      readonly cron?: undefined;
      readonly timeZone?: undefined;
    }
) & {
  readonly missed: 'once' | 'skip';
  readonly overlap: 'skip' | 'allow';
};

/** A recurrence as messages show it. */
export function describeRecurrence(recurrence: TaskRecurrence): string {
  return recurrence.cron === undefined
    ? `every ${recurrence.everyMs} ms`
    : `${recurrence.cron} ${recurrence.timeZone}`;
}
