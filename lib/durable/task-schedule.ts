import type { TaskRecurrence } from '../core/task/recurrence.js';
import type { TaskJob } from './task-job.js';

/**
 * A recurring task, as its engine is to keep it.
 *
 * @publicApi
 */
export interface TaskSchedule {
  /** The name of the declaration: one schedule in a queue for each. */
  readonly task: string;
  /** When it runs. */
  readonly recurrence: TaskRecurrence;
  /**
   * The job of each occurrence, which adds its own `id`, and its date as `scheduledFor` and
   * `scheduledAt`.
   */
  readonly job: Omit<TaskJob, 'id' | 'scheduledFor' | 'scheduledAt'>;
}

/**
 * What an engine has done to the schedules of an application: the names of the tasks, with
 * those of others, or that were as declared, left out.
 *
 * @publicApi
 */
export interface ScheduleChanges {
  /** They had no schedule. */
  readonly added: readonly string[];
  /** Their schedules were not as they are declared. */
  readonly changed: readonly string[];
  /** Nobody declares them any more. */
  readonly removed: readonly string[];
}
