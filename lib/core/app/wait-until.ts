import { contained } from '../base/contained.js';
import type { LogLines } from './log-lines.js';

/** Passes a promise to the platform, whose failures are contained. */
export function passOn(
  closed: Promise<void>,
  waitUntil: (promise: Promise<void>) => void,
  lines: LogLines,
): void {
  contained(
    () => waitUntil(closed),
    (error) => lines.waitUntilFailed(error),
  );
}
