import { backoffDelayMs } from './backoff.js';
import type { TaskOptions } from './task-options.js';

/**
 * Milliseconds to wait before the attempt that follows `attempt` (counted from
 * 1), or `undefined` when that one was the last.
 *
 * @throws what `retryIf` or a backoff function throws
 */
export function nextAttemptInMs(
  options: Readonly<TaskOptions>,
  attempt: number,
  error: Error,
): number | undefined {
  if (attempt > (options.retries ?? 0)) return undefined;
  if (options.retryIf && !options.retryIf(error, attempt)) return undefined;
  return backoffDelayMs(options.backoff, attempt, error);
}
