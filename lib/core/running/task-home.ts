import type { TaskOutcome, TaskStatus } from '../task/task-outcome.js';
import type { RouteVerdict } from '../task/task-phase.js';

/** The route of a task, which is notified of its progress. */
export interface TaskHome<T> {
  /** What the tasks of the application share, such as a pool of threads. */
  readonly resources?: object | undefined;
  /** The unit of work that it belongs to. */
  readonly scope?: object | undefined;
  due(task: T, verdict: RouteVerdict): void;
  started(task: T): void;
  retrying(task: T, error: Error): void;
  settled(task: T, outcome: TaskOutcome, before: TaskStatus): void;
  /** No response may wait for the task any more. */
  forgo?(task: T): void;
}
