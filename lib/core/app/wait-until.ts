import { contained } from '../base/contained.js';
import type { BusyScope } from '../scope/scope-host.js';
import type { ErrorHandlers } from './error-handlers.js';
import type { LogLines } from './log-lines.js';

/**
 * Passes on to the platform that a scope has opened, as a promise that resolves when its
 * tasks have settled and no error handler runs. A failure of the platform is contained.
 */
export function passOn(
  scope: BusyScope,
  waitUntil: (promise: Promise<void>) => void,
  errors: ErrorHandlers,
  lines: LogLines,
): void {
  const closed = scope.closed().then(() => errors.quiet());
  contained(
    () => waitUntil(closed),
    (error) => lines.waitUntilFailed(error),
  );
}
