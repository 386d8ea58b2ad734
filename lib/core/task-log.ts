/** Where the core writes. It must not throw; {@link containedLog} sees to that. */
export interface TaskLog {
  error(message: string, error?: unknown): void;
  warn(message: string): void;
}

/** A log whose failures go nowhere: there is no other place left to tell them. */
export function containedLog(log: TaskLog): TaskLog {
  return {
    error(message, error) {
      try {
        log.error(message, error);
      } catch {
        // A broken logger must not break a task.
      }
    },
    warn(message) {
      try {
        log.warn(message);
      } catch {
        // As above.
      }
    },
  };
}
