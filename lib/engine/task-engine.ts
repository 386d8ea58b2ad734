import type { ScheduledTask } from '../core/scheduled-task.js';

/**
 * The seam behind which a task may one day outlive the process: what happens to a
 * task whose moment has come. It must settle every task that it takes.
 */
export interface TaskEngine {
  /** Takes a task whose moment has come. Must not throw. */
  submit(task: ScheduledTask): void;
  /** Takes a task whose work runs already and only has to be followed to its end. */
  follow(task: ScheduledTask): void;
}
