import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../base/clock.js';
import { contained } from '../base/contained.js';
import { askedFor } from '../base/attempt-errors.js';
import { LONGEST_DELAY_MS, toMilliseconds } from '../base/duration.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import { ignoreRejection, isThenable } from '../base/settled.js';
import type { TaskIncidents } from '../task/task-incidents.js';
import type { Backoff, TaskOptions } from '../task/task.js';
import { runInTask } from '../task/task-context.js';
import type { ScheduledTask } from './scheduled-task.js';

const DEFAULT_BACKOFF: Backoff = {
  type: 'exponential',
  delay: 200,
  jitter: 1,
};

/** What follows a failed attempt: a pause and another attempt, or the end as `failed`. */
export class Retry {
  readonly #clock: Clock;
  readonly #incidents: TaskIncidents;
  readonly #runAgain: (task: ScheduledTask, usesSlot: boolean) => void;

  constructor(
    clock: Clock,
    incidents: TaskIncidents,
    runAgain: (task: ScheduledTask, usesSlot: boolean) => void,
  ) {
    this.#clock = clock;
    this.#incidents = incidents;
    this.#runAgain = runAgain;
  }

  /** Schedules another attempt if the options of the task ask for one, else settles it. */
  failed(
    task: ScheduledTask,
    error: Error,
    usesSlot: boolean,
    context?: AsyncResource,
  ): void {
    const asked = askedFor(error);
    // Work that was running before it was tracked cannot be started again.
    const isAskedFor =
      typeof asked === 'number' && (usesSlot || task.isResumed);
    const policy = () =>
      asked === 'never' ? undefined : this.#pauseMs(task, error);
    const pauseMs = isAskedFor ? asked : policy();
    // `retryIf` may have cancelled the task.
    if (task.isSettled) return;
    if (pauseMs === undefined) {
      const outcome = { status: 'failed', error } as const;
      if (context) context.runInAsyncScope(task.settle, task, outcome);
      else task.settle(outcome);
      return;
    }
    if (isAskedFor) this.#incidents.postponed(task, error, pauseMs);
    else this.#incidents.retrying(task, error, task.failures, pauseMs);
    task.pause(error, isAskedFor);
    // An observer of `retrying` may have cancelled the task.
    if (task.isSettled || task.handBack(pauseMs, error, isAskedFor)) return;
    this.#sleep(task, pauseMs, usesSlot);
  }

  /** Ends when the timer fires, or when the task is settled from outside. */
  #sleep(task: ScheduledTask, pauseMs: number, usesSlot: boolean): void {
    const interrupt = this.#clock.after(pauseMs, () => {
      task.underway = undefined;
      this.#runAgain(task, usesSlot);
    });
    task.underway = { interrupt };
  }

  #pauseMs(task: ScheduledTask, error: Error): number | undefined {
    return contained(
      () =>
        runInTask(task, () =>
          nextAttemptInMs(task.options, task.failures, error),
        ),
      (policyError) =>
        this.#incidents.retryPolicyFailed(task, policyError, error),
    );
  }
}

/**
 * Milliseconds to wait before another attempt when `attempt` of them (counted from 1) have
 * failed, or `undefined` when that one was the last.
 *
 * @throws what `retryIf` or a backoff function throws, and TaskInvalidOptionError when
 * one returns an invalid value
 */
export function nextAttemptInMs(
  options: Readonly<TaskOptions>,
  attempt: number,
  error: Error,
): number | undefined {
  const { retries = 0, retryIf, backoff } = options;
  if (attempt > retries) return undefined;
  if (retryIf && !synchronous(retryIf(error, attempt), 'retryIf()')) {
    return undefined;
  }
  return backoffDelayMs(backoff, attempt, error);
}

/**
 * The pause in milliseconds after `attempt` (counted from 1) failed with `error`.
 *
 * @throws what a backoff function throws, and TaskInvalidOptionError when it does not
 * return a duration
 */
export function backoffDelayMs(
  backoff: Backoff = DEFAULT_BACKOFF,
  attempt: number,
  error: Error,
  random: () => number = Math.random,
): number {
  if (typeof backoff === 'function') {
    const pause = synchronous(backoff(attempt, error), 'backoff()');
    return toMilliseconds(pause, 'backoff()');
  }
  const { type, delay, max, factor = 2, jitter = 0 } = backoff;
  const first = toMilliseconds(delay, 'backoff.delay');
  const grown = type === 'fixed' ? first : first * factor ** (attempt - 1);
  const longest =
    max === undefined ? LONGEST_DELAY_MS : toMilliseconds(max, 'backoff.max');
  // A delay of 0 is NaN after very many attempts: 0 * Infinity.
  const capped = Number.isNaN(grown) ? 0 : Math.min(grown, longest);
  return capped * (1 - jitter * random());
}

/** A promise would not be awaited, and as a condition it would count as true. */
function synchronous<T>(result: T, option: string): T {
  if (!isThenable(result)) return result;
  ignoreRejection(result);
  throw new TaskInvalidOptionError(
    `\`${option}\` must return its result synchronously, got a promise. Decide by its arguments alone, without await.`,
  );
}
