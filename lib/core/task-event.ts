import type { Task } from './task.js';

/**
 * What happens to a task. `started` comes once per attempt, `retrying` when an
 * attempt failed and another one follows, `fallback` when a durable task could not be
 * stored and runs here; exactly one of `succeeded`, `failed`, `cancelled`, `skipped`,
 * `dropped` and `enqueued` ends the story of a task in this process. One that is
 * `enqueued` goes on in a worker, under the same id.
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
 * Is told of every event, synchronously. It can change nothing: what it
 * returns is ignored, and what it throws is logged.
 *
 * @publicApi
 */
export type TaskObserver = (event: TaskEvent) => void;
