import type { TaskEvent } from '../core/task/task-event.js';

/**
 * How many tasks settled, by outcome. Cancelled tasks are not counted.
 *
 * @publicApi
 */
export interface DrainedTasks {
  /** Tasks that succeeded, at any attempt. */
  readonly succeeded: number;
  /** Tasks whose last attempt failed. */
  readonly failed: number;
  /** Tasks that their `runOn` excluded. */
  readonly skipped: number;
  /** Tasks dropped by a shutdown or a full backlog. */
  readonly dropped: number;
  /** The errors of the failed tasks, in order of failure. */
  readonly errors: Error[];
}

/** Counts the tasks that settle between two calls of `take()`. */
export class Tally {
  #counts = none();

  count(event: TaskEvent): void {
    switch (event.type) {
      case 'failed':
        this.#counts.errors.push(event.error);
        this.#counts.failed += 1;
        break;
      case 'succeeded':
      case 'skipped':
      case 'dropped':
        this.#counts[event.type] += 1;
        break;
      default:
    }
  }

  /** The counts since the last call. */
  take(): DrainedTasks {
    const taken = this.#counts;
    this.#counts = none();
    return taken;
  }
}

function none() {
  const errors: Error[] = [];
  return { succeeded: 0, failed: 0, skipped: 0, dropped: 0, errors };
}
