import { oneLine } from './describe.js';
import { contained } from './contained.js';

/** Where the core writes its lines. {@link containedLog} makes one that never throws. */
export interface Log {
  error(message: string, error?: unknown): void;
  warn(message: string): void;
  info(message: string): void;
}

/**
 * The same log, with messages of one line each. Its own failures are ignored, because
 * there is nowhere left to report them.
 */
export function containedLog(log: Log): Log {
  return {
    error: (message, error) =>
      contained(() => log.error(oneLine(message), error)),
    warn: (message) => contained(() => log.warn(oneLine(message))),
    info: (message) => contained(() => log.info(oneLine(message))),
  };
}
