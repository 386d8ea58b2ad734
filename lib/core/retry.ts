import { backoffDelayMs } from './backoff.js';
import { syncAnswer } from './sync-answer.js';
import type { TaskOptions } from './task-options.js';

/**
 * Milliseconds to wait before the attempt that follows `attempt` (counted from
 * 1), or `undefined` when that one was the last.
 *
 * @throws what `retryIf` or a backoff function throws, and TaskInvalidOptionError
 * when one answers with what it may not
 */
export function nextAttemptInMs(
  options: Readonly<TaskOptions>,
  attempt: number,
  error: Error,
): number | undefined {
  const { retries = 0, retryIf, backoff } = options;
  if (attempt > retries) return undefined;
  if (retryIf && !syncAnswer(retryIf(error, attempt), 'retryIf()')) {
    return undefined;
  }
  return backoffDelayMs(backoff, attempt, error);
}
