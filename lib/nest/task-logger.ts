import { Logger } from '@nestjs/common';
import type { TaskLog } from '../core/task-log.js';

/** Writes through Nest's `Logger`, so that the application's own logger gets it. */
export class TaskLogger implements TaskLog {
  readonly #logger = new Logger('Tasks');

  error(message: string, error?: unknown): void {
    this.#logger.error(message, stackOf(error));
  }

  warn(message: string): void {
    this.#logger.warn(message);
  }
}

/** The stack of an error and of its causes. */
function stackOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error)) return undefined;
  try {
    const cause = depth < 3 ? stackOf(error.cause, depth + 1) : undefined;
    return cause ? `${error.stack}\n  [cause]: ${cause}` : error.stack;
  } catch {
    // Reading an error may fail; its message has been written already.
    return undefined;
  }
}
