import { systemClock } from '../core/base/clock.js';

/**
 * Resolves when a turn of the event loop has changed nothing: what follows then counts for
 * all that came in turns that followed each other.
 *
 * @param value what changes
 * @param before what it was before the change that led here
 */
export async function lastChange(
  value: () => number,
  before: number,
): Promise<void> {
  let last: number;
  let now = before;
  do {
    last = now;
    await new Promise<void>((resolve) => systemClock.nextTurn(resolve));
    now = value();
  } while (now !== last);
}
