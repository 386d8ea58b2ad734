/**
 * The stable codes of every error this package throws or reports.
 *
 * @publicApi
 */
export type TaskErrorCode =
  | 'TASK_TIMEOUT'
  | 'TASK_CANCELLED'
  | 'TASK_DROPPED'
  | 'TASK_BACKLOG_FULL'
  | 'TASK_FAILED'
  | 'TASK_RETRY_AFTER'
  | 'TASK_UNRECOVERABLE'
  | 'TASK_THREAD_FAILED'
  | 'TASK_PEER_MISSING'
  | 'TASK_NOT_DECLARED'
  | 'TASK_ALREADY_DECLARED'
  | 'TASK_ENGINE_MISSING'
  | 'TASK_INVALID_ARGUMENT'
  | 'TASK_NOT_STORED'
  | 'TASK_NOT_SUPPORTED'
  | 'TASK_STORE_FAILED'
  | 'TASK_REFUSED'
  | 'TASK_LOST'
  | 'TASK_INVALID_OPTION'
  | 'TASK_INTERCEPTOR_INVALID'
  | 'TASK_SCOPE_MISSING'
  | 'TASKS_MODULE_MISSING'
  | 'TASKS_MODULE_CONFLICT';

/**
 * The base of every error of this package. `code` is stable, `message` says
 * what happened, to which task, and what to do; `cause` keeps the original.
 *
 * @publicApi
 */
export class TaskError extends Error {
  /** The name of the class. */
  override readonly name: string = 'TaskError';
  /** What went wrong, for programs: it stays when the message changes. */
  readonly code: TaskErrorCode;

  constructor(code: TaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
