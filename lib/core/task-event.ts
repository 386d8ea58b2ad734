import type { Task } from './task.js';

/**
 * What happens to a task. `started` comes once per attempt, `retrying` when an
 * attempt failed and another one follows; exactly one of `succeeded`, `failed`,
 * `cancelled`, `skipped` and `dropped` ends the story of a task.
 *
 * @publicApi
 */
export type TaskEvent =
  | {
      readonly type: 'scheduled' | 'started' | 'succeeded';
      readonly task: Task;
    }
  | {
      readonly type: 'retrying' | 'failed';
      readonly task: Task;
      readonly error: Error;
    }
  | {
      readonly type: 'cancelled' | 'skipped' | 'dropped';
      readonly task: Task;
      readonly reason: unknown;
    };

/**
 * Is told of every event, synchronously. It can change nothing: what it
 * returns is ignored, and what it throws is logged.
 *
 * @publicApi
 */
export type TaskObserver = (event: TaskEvent) => void;
