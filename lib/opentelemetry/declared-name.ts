import { ScheduledTask } from '../core/running/scheduled-task.js';
import type { Task } from '../core/task/task.js';

/**
 * The name of the declaration of a task. There are few of them, whereas the name of a task
 * may contain an id, which must not become a label of a metric.
 */
export function declaredName(task: Task): string | undefined {
  return task instanceof ScheduledTask ? task.declared?.name : undefined;
}
