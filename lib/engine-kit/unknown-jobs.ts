import { toMilliseconds, type Duration } from '../core/base/duration.js';

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** The option `unknownFor` of an engine, in milliseconds. */
export function unknownForMs(unknownFor: Duration = '1d'): number {
  return toMilliseconds(unknownFor, 'unknownFor', Number.MAX_SAFE_INTEGER);
}

/**
 * The pause before a job that this process does not know is looked at again: half of its
 * age, within limits. `undefined` when it has been unknown for too long.
 *
 * @param dueForMs how long ago the job was due for the first time
 * @param mostMs how long it may be unknown
 */
export function pauseOfUnknown(
  dueForMs: number,
  mostMs: number,
): number | undefined {
  if (dueForMs >= mostMs) return undefined;
  return Math.min(
    Math.max(dueForMs / 2, SHORTEST_PAUSE_MS),
    LONGEST_PAUSE_MS,
    // It is looked at once more when the time is over.
    Math.max(mostMs - dueForMs, 1),
  );
}
