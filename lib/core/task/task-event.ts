import type { TaskOutcome } from './task-outcome.js';
import type { Task } from './task.js';

/**
 * Something that happened to a task. `started` is emitted once per attempt, `retrying`
 * when an attempt failed and another one follows, `fallback` when a durable task could
 * not be stored and runs here, `progress` when a task that no store keeps has reported
 * how far it is. Exactly one of `succeeded`, `failed`, `cancelled`,
 * `skipped`, `dropped` and `enqueued` is the final event of a task in this process. An
 * `enqueued` task continues in a worker, under the same id.
 *
 * @publicApi
 */
export type TaskEvent =
  | {
      readonly type: 'scheduled' | 'started' | 'succeeded';
      readonly task: Task;
    }
  | {
      readonly type: 'enqueued';
      readonly task: Task;
      readonly jobId: string;
    }
  | {
      readonly type: 'progress';
      readonly task: Task;
      readonly value: unknown;
    }
  | {
      readonly type: 'retrying' | 'failed' | 'fallback';
      readonly task: Task;
      readonly error: Error;
    }
  | {
      readonly type: 'cancelled' | 'skipped' | 'dropped';
      readonly task: Task;
      readonly reason: unknown;
    };

/**
 * Receives every event, synchronously. It cannot change anything: what it returns is
 * ignored, and what it throws is logged.
 *
 * @publicApi
 */
export type TaskObserver = (event: TaskEvent) => void;

/** The final event of a task. */
export function finalEvent(task: Task, outcome: TaskOutcome): TaskEvent {
  switch (outcome.status) {
    case 'succeeded':
      return { type: 'succeeded', task };
    case 'failed':
      return { type: 'failed', task, error: outcome.error };
    case 'enqueued':
      return { type: 'enqueued', task, jobId: outcome.jobId };
    default:
      return { type: outcome.status, task, reason: outcome.reason };
  }
}
