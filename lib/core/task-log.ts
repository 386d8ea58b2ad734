import { ignoreRejection, isThenable } from './settled.js';

/** Where the core writes. It must not throw; {@link containedLog} sees to that. */
export interface TaskLog {
  error(message: string, error?: unknown): void;
  warn(message: string): void;
}

/** A log whose failures go nowhere: there is no other place left to tell them. */
export function containedLog(log: TaskLog): TaskLog {
  return {
    error: (message, error) => contain(() => log.error(message, error)),
    warn: (message) => contain(() => log.warn(message)),
  };
}

function contain(write: () => unknown): void {
  try {
    const written = write();
    if (isThenable(written)) ignoreRejection(written);
  } catch {
    // A broken logger must not break a task.
  }
}
