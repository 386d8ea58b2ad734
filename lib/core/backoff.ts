import { LONGEST_DELAY_MS, toMilliseconds } from './duration.js';
import { syncAnswer } from './sync-answer.js';
import type { Backoff } from './task-options.js';

const DEFAULT_BACKOFF: Backoff = {
  type: 'exponential',
  delay: 200,
  jitter: 1,
};

/**
 * The pause in milliseconds after `attempt` (counted from 1) failed with `error`.
 *
 * @throws what a backoff function throws, and TaskInvalidOptionError when it
 * returns no duration
 */
export function backoffDelayMs(
  backoff: Backoff = DEFAULT_BACKOFF,
  attempt: number,
  error: Error,
  random: () => number = Math.random,
): number {
  if (typeof backoff === 'function') {
    const pause = syncAnswer(backoff(attempt, error), 'backoff()');
    return toMilliseconds(pause, 'backoff()');
  }
  const { type, delay, max, factor = 2, jitter = 0 } = backoff;
  const first = toMilliseconds(delay, 'backoff.delay');
  const grown = type === 'fixed' ? first : first * factor ** (attempt - 1);
  const longest =
    max === undefined ? LONGEST_DELAY_MS : toMilliseconds(max, 'backoff.max');
  // 0 * Infinity, for a delay of 0 after very many attempts, is no delay.
  const capped = Number.isNaN(grown) ? 0 : Math.min(grown, longest);
  return capped * (1 - jitter * random());
}
