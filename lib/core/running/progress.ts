import { quoted } from '../base/describe.js';
import { TaskInvalidArgumentError } from '../base/durable-errors.js';
import { messageOf } from '../base/to-error.js';
import type { Task } from '../task/task.js';

/** What tasks report their progress to that no store keeps. */
export interface ProgressListener {
  progressed?(task: Task, value: unknown): void;
}

/**
 * A copy of a progress, which the task cannot change any more.
 *
 * @throws TaskInvalidArgumentError for what is not data
 */
export function copyOfProgress(value: unknown, taskName: string): unknown {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new TaskInvalidArgumentError(
      `The progress of task ${quoted(taskName)} must be data: ${messageOf(cause)}`,
    );
  }
}
