import type { AwaitedTasks } from '../core/after-route-drain.js';
import type { TaskRuntimeParts } from '../core/task-runtime.js';

/** The units of work of an application: what the decorator, the service and the interceptor share. */
export const TASK_SCOPES = Symbol('nestjs-tasks:scopes');

/** Provided beside `TasksHost` when tasks are not to be run as usual, as in a test. */
export const TASKS_MODE = Symbol('nestjs-tasks:mode');

/** What `TASKS_MODE` says. */
export interface TasksMode {
  /** Makes what runs the tasks; without it they run in this process. */
  readonly createEngine?: TaskRuntimeParts['createEngine'] | undefined;
  /** What a response waits for; without it, what the options of the application say. */
  readonly awaited?: AwaitedTasks | undefined;
  /** The application closes, and has dropped what is not shielded. */
  closing?(): void;
}
