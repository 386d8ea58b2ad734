import { TaskError } from '../core/base/task-error.js';

/**
 * A function could not be run on a thread, or its thread ended before the function
 * did (`TASK_THREAD_FAILED`). An error that the function itself throws is not wrapped in it.
 *
 * @publicApi
 */
export class TaskThreadError extends TaskError {
  override readonly name = 'TaskThreadError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_THREAD_FAILED', message, options);
  }
}
