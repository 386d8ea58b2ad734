import { quoted } from './describe.js';
import { TaskError, type TaskErrorCode } from './task-error.js';

/**
 * An attempt ran longer than its `timeout` (`TASK_TIMEOUT`).
 *
 * @publicApi
 */
export class TaskTimeoutError extends TaskError {
  override readonly name = 'TaskTimeoutError';

  constructor(taskName: string, timeoutMs: number, attempt: number) {
    super(
      'TASK_TIMEOUT',
      `Task ${quoted(taskName)} did not settle within its timeout of ${timeoutMs} ms (attempt ${attempt}). ` +
        'Raise `timeout`, or pass `task.signal` to what the task waits for.',
    );
  }
}

/**
 * The reason of a task that was cancelled without a reason of its own
 * (`TASK_CANCELLED`).
 *
 * @publicApi
 */
export class TaskCancelledError extends TaskError {
  override readonly name = 'TaskCancelledError';

  constructor(taskName: string) {
    super('TASK_CANCELLED', `Task ${quoted(taskName)} was cancelled.`);
  }
}

/**
 * The reason of a task that the application could not run or could not let finish
 * (`TASK_DROPPED`; a full backlog has `TASK_BACKLOG_FULL`).
 *
 * @publicApi
 */
export class TaskDroppedError extends TaskError {
  override readonly name: string = 'TaskDroppedError';

  constructor(
    message: string,
    options?: ErrorOptions,
    code: TaskErrorCode = 'TASK_DROPPED',
  ) {
    super(code, message, options);
  }
}

/**
 * The reason of a task that was dropped because `maxPending` tasks were already
 * waiting for a slot (`TASK_BACKLOG_FULL`). Its error handlers are called.
 *
 * @publicApi
 */
export class TaskBacklogFullError extends TaskDroppedError {
  override readonly name = 'TaskBacklogFullError';

  constructor(taskName: string, maxPending: number) {
    super(
      `Task ${quoted(taskName)} was dropped: ${maxPending} tasks (maxPending) are already waiting for a slot. ` +
        'Raise `concurrency` or `maxPending`, or schedule fewer tasks.',
      undefined,
      'TASK_BACKLOG_FULL',
    );
  }
}

/**
 * Wraps a value that a task threw or rejected with and that is not an `Error`
 * (`TASK_FAILED`); the value itself is the `cause`.
 *
 * @publicApi
 */
export class TaskFailedError extends TaskError {
  override readonly name = 'TaskFailedError';

  constructor(message: string, options: ErrorOptions) {
    super('TASK_FAILED', message, options);
  }
}

/**
 * An option or argument is invalid (`TASK_INVALID_OPTION`). Thrown where the mistake
 * was made.
 *
 * @publicApi
 */
export class TaskInvalidOptionError extends TaskError {
  override readonly name = 'TaskInvalidOptionError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_INVALID_OPTION', message, options);
  }
}

/**
 * An interceptor called `next()` a second time, or after its own end
 * (`TASK_INTERCEPTOR_INVALID`). The call rejects with this error, and nothing is run.
 *
 * @publicApi
 */
export class TaskInterceptorError extends TaskError {
  override readonly name = 'TaskInterceptorError';

  constructor(message: string) {
    super('TASK_INTERCEPTOR_INVALID', message);
  }
}

/**
 * A method is not a declared task of the application, or was scheduled without its
 * object (`TASK_NOT_DECLARED`).
 *
 * @publicApi
 */
export class TaskNotDeclaredError extends TaskError {
  override readonly name = 'TaskNotDeclaredError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_NOT_DECLARED', message, options);
  }
}

/**
 * Two methods declare tasks of the same name (`TASK_ALREADY_DECLARED`). Bootstrap
 * fails with this error.
 *
 * @publicApi
 */
export class TaskAlreadyDeclaredError extends TaskError {
  override readonly name = 'TaskAlreadyDeclaredError';

  constructor(taskName: string, first: string, second: string) {
    super(
      'TASK_ALREADY_DECLARED',
      `Both ${first} and ${second} declare a task named ${quoted(taskName)}. Give one of them another name: @Task('…').`,
    );
  }
}

/**
 * A task was scheduled outside a request or any other scope (`TASK_SCOPE_MISSING`).
 *
 * @publicApi
 */
export class TaskScopeMissingError extends TaskError {
  override readonly name = 'TaskScopeMissingError';

  constructor(message: string) {
    super('TASK_SCOPE_MISSING', message);
  }
}

/**
 * `@Tasks()` is used in a module that cannot see `TasksModule`
 * (`TASKS_MODULE_MISSING`). Bootstrap fails with this error.
 *
 * @publicApi
 */
export class TasksModuleMissingError extends TaskError {
  override readonly name = 'TasksModuleMissingError';

  constructor() {
    super(
      'TASKS_MODULE_MISSING',
      '@Tasks() needs TasksModule. Import TasksModule.forRoot() in the root module of the application ' +
        '(with `isGlobal: false`, in every module whose handlers use @Tasks()). ' +
        'In the unit test of a controller, import it in the testing module: ' +
        'Test.createTestingModule({ imports: [TasksModule.forRoot()], controllers: […] }).',
    );
  }
}

/**
 * `TasksModule` was imported more than once with different options
 * (`TASKS_MODULE_CONFLICT`). Bootstrap fails with this error.
 *
 * @publicApi
 */
export class TasksModuleConflictError extends TaskError {
  override readonly name = 'TasksModuleConflictError';

  constructor(differing: readonly string[]) {
    super(
      'TASKS_MODULE_CONFLICT',
      `TasksModule is imported more than once with different options (${differing.join(', ')}). ` +
        'Import TasksModule.forRoot() once, in the root module, or give every import the same options.',
    );
  }
}
