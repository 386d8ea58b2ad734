import type { TaskEvent } from '../core/task-event.js';

/**
 * How many tasks settled, and how. Cancelled tasks are in none of the counts.
 *
 * @publicApi
 */
export interface DrainedTasks {
  /** At whatever attempt. */
  readonly succeeded: number;
  /** After their last attempt. */
  readonly failed: number;
  /** Their `runOn` said no. */
  readonly skipped: number;
  /** By a shutdown, or a full backlog. */
  readonly dropped: number;
  /** The errors of the failed ones, in order of failure. */
  readonly errors: Error[];
}

/** Counts the tasks that settle, from one look to the next. */
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

  /** What was counted; begins anew. */
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
