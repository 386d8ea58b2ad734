import { toMilliseconds } from '../base/duration.js';
import type { TaskOptions } from '../task/task.js';

type DelayOptions = Pick<TaskOptions, 'delay' | 'at'>;

/** Whether a task starts later than its phase is due. */
export function isDelayed({ delay, at }: DelayOptions): boolean {
  return delay !== undefined || at !== undefined;
}

/**
 * How long a task that is due now has yet to wait, in milliseconds: 0 for a past date.
 *
 * @param nowMs milliseconds since 1970
 */
export function delayMsOf({ delay, at }: DelayOptions, nowMs: number): number {
  if (delay !== undefined) {
    return toMilliseconds(delay, 'delay', Number.MAX_SAFE_INTEGER);
  }
  return at === undefined ? 0 : Math.max(0, at.getTime() - nowMs);
}
