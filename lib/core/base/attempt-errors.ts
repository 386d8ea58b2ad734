import { contained } from './contained.js';
import { LONGEST_DELAY_MS, toMilliseconds, type Duration } from './duration.js';
import { TaskError } from './task-error.js';
import { messageOf } from './to-error.js';

/**
 * Thrown by a task that wants another attempt after a pause (`TASK_RETRY_AFTER`), such as
 * when a server answers 429 and says how long to wait. The attempt does not count against
 * `retries`, and neither `retryIf` nor `backoff` is asked. Nothing else bounds how often a
 * task may ask: decide by `currentTask().attempt`, which counts all starts.
 *
 * @throws TaskInvalidOptionError for a pause that is negative, no duration, or longer than
 * 24.8 days
 *
 * @example
 * ```ts
 * const response = await fetch(url, { signal: currentTask().signal });
 * if (response.status === 429) {
 *   if (currentTask().attempt >= 20) throw new TaskUnrecoverableError('still limited');
 *   const seconds = Number(response.headers.get('retry-after') ?? 30);
 *   throw new TaskRetryAfterError(`${seconds}s`);
 * }
 * ```
 *
 * @publicApi
 */
export class TaskRetryAfterError extends TaskError {
  override readonly name = 'TaskRetryAfterError';
  /** The pause before the next attempt, in milliseconds. */
  readonly afterMs: number;

  constructor(after: Duration, options?: ErrorOptions) {
    const afterMs = toMilliseconds(after, 'after');
    super(
      'TASK_RETRY_AFTER',
      withCause(`another attempt was asked for in ${afterMs} ms`, options),
      options,
    );
    this.afterMs = afterMs;
  }
}

/**
 * Thrown by a task that no further attempt can help (`TASK_UNRECOVERABLE`): it fails at
 * once, whatever `retries` says, and `retryIf` is not asked.
 *
 * @example
 * ```ts
 * if (!user.email) throw new TaskUnrecoverableError('the user has no address');
 * ```
 *
 * @publicApi
 */
export class TaskUnrecoverableError extends TaskError {
  override readonly name = 'TaskUnrecoverableError';

  /** @param reason the message, or the error that is the cause */
  constructor(
    reason: string | Error = 'No further attempt can help.',
    options?: ErrorOptions,
  ) {
    super(
      'TASK_UNRECOVERABLE',
      typeof reason === 'string' ? reason : messageOf(reason),
      typeof reason === 'string' ? options : { cause: reason, ...options },
    );
  }
}

/**
 * What an error says of further attempts: the pause in milliseconds before the next one,
 * `'never'`, or `undefined` when it says nothing. Known by its code, as one that was
 * thrown on a thread is no instance of its class. Never throws.
 */
export function askedFor(error: Error): number | 'never' | undefined {
  return contained(
    () => {
      const { code, afterMs } = error as Partial<TaskRetryAfterError>;
      const isPause = code === 'TASK_RETRY_AFTER' && Number.isFinite(afterMs);
      if (isPause) {
        return Math.min(Math.max(afterMs ?? 0, 0), LONGEST_DELAY_MS);
      }
      return (code as string) === 'TASK_UNRECOVERABLE' ? 'never' : undefined;
    },
    () => undefined,
  );
}

function withCause(message: string, { cause }: ErrorOptions = {}): string {
  return cause === undefined ? message : `${message}: ${messageOf(cause)}`;
}
