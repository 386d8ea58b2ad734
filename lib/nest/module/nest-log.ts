import { Logger } from '@nestjs/common';
import { excerpt, oneLine } from '../../core/base/describe.js';
import type { Log } from '../../core/base/log.js';
import { isError } from '../../core/base/to-error.js';

/** Writes through Nest's `Logger`, so that the application's own logger receives the lines. */
export class NestLog implements Log {
  readonly #logger = new Logger('Tasks');

  error(message: string, error?: unknown): void {
    this.#logger.error(message, stackWithCauses(error));
  }

  warn(message: string): void {
    this.#logger.warn(message);
  }

  info(message: string): void {
    this.#logger.log(message);
  }
}

const MAX_HEADER_LENGTH = 2_000;

/** The stack of an error and of its causes. */
function stackWithCauses(error: unknown, depth = 0): string | undefined {
  if (!isError(error)) return undefined;
  try {
    const { stack } = error as { stack?: unknown };
    if (typeof stack !== 'string') return undefined;
    const own = withSafeHeader(stack);
    const cause =
      depth < 3 ? stackWithCauses(error.cause, depth + 1) : undefined;
    return cause ? `${own}\n  [cause]: ${cause}` : own;
  } catch {
    // The getters of an error may throw; its message has been logged already.
    return undefined;
  }
}

/** A stack begins with the message of its error, which must not forge a line of the log. */
function withSafeHeader(stack: string): string {
  const frames = /(?:\n\s+at .*)+$/.exec(stack)?.[0] ?? '';
  const header = stack.slice(0, stack.length - frames.length);
  return oneLine(excerpt(header, MAX_HEADER_LENGTH)) + frames;
}
