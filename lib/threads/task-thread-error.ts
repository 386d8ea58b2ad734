import { TaskError } from '../core/errors.js';

/**
 * A function could not be run on a thread, or the thread ended before the function
 * was done (`TASK_THREAD_FAILED`). What the function itself throws comes back as it is.
 *
 * @publicApi
 */
export class TaskThreadError extends TaskError {
  override readonly name = 'TaskThreadError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_THREAD_FAILED', message, options);
  }
}
