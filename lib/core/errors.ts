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
  | 'TASK_THREAD_FAILED'
  | 'TASK_PEER_MISSING'
  | 'TASK_NOT_DECLARED'
  | 'TASK_ALREADY_DECLARED'
  | 'TASK_ENGINE_MISSING'
  | 'TASK_INVALID_ARGUMENT'
  | 'TASK_NOT_STORED'
  | 'TASK_REFUSED'
  | 'TASK_INVALID_OPTION'
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
      `Task "${taskName}" did not settle within its timeout of ${timeoutMs} ms (attempt ${attempt}). ` +
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
    super('TASK_CANCELLED', `Task "${taskName}" was cancelled.`);
  }
}

/**
 * The reason of a task that the application could not run, or not let finish
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
 * The reason of a task that was dropped because `maxPending` tasks were waiting
 * for a slot already (`TASK_BACKLOG_FULL`). Its error handlers are told.
 *
 * @publicApi
 */
export class TaskBacklogFullError extends TaskDroppedError {
  override readonly name = 'TaskBacklogFullError';

  constructor(taskName: string, maxPending: number) {
    super(
      `Task "${taskName}" was dropped: ${maxPending} tasks (maxPending) wait for a slot already. ` +
        'Raise `concurrency` or `maxPending`, or schedule less.',
      undefined,
      'TASK_BACKLOG_FULL',
    );
  }
}

/**
 * Stands for a value that is no `Error` and that a task threw or rejected with
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
 * An option or argument cannot be used (`TASK_INVALID_OPTION`). Thrown where
 * the mistake was made.
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
 * Something is no declared task of the application, or a method was scheduled without
 * its object (`TASK_NOT_DECLARED`).
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
 * fails with it.
 *
 * @publicApi
 */
export class TaskAlreadyDeclaredError extends TaskError {
  override readonly name = 'TaskAlreadyDeclaredError';

  constructor(taskName: string, first: string, second: string) {
    super(
      'TASK_ALREADY_DECLARED',
      `Both ${first} and ${second} declare a task of the name "${taskName}". Give one of them another name: @Task('…').`,
    );
  }
}

/**
 * A part of this package was used without the package that it needs
 * (`TASK_PEER_MISSING`). The message says what to install.
 *
 * @publicApi
 */
export class TaskPeerMissingError extends TaskError {
  override readonly name = 'TaskPeerMissingError';

  constructor(user: string, peer: string, options?: ErrorOptions) {
    super(
      'TASK_PEER_MISSING',
      `${user} needs the package "${peer}", which cannot be loaded. Install it: npm install ${peer}`,
      options,
    );
  }
}

/**
 * A task is durable, and the application has no engine that could store it
 * (`TASK_ENGINE_MISSING`). Bootstrap fails with it when a declaration says so.
 *
 * @publicApi
 */
export class TaskEngineMissingError extends TaskError {
  override readonly name = 'TaskEngineMissingError';

  constructor(taskNames: readonly string[]) {
    super(
      'TASK_ENGINE_MISSING',
      `Durable tasks need an engine that stores them, and the application has none: ${taskNames.join(', ')}. ` +
        'Give one to TasksModule.forRoot({ engine: bullmqEngine({ … }) }), or leave out `durable`.',
    );
  }
}

/**
 * An argument of a durable task cannot be stored, or is not what its schema says
 * (`TASK_INVALID_ARGUMENT`). The message names its path.
 *
 * @publicApi
 */
export class TaskInvalidArgumentError extends TaskError {
  override readonly name = 'TaskInvalidArgumentError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_INVALID_ARGUMENT', message, options);
  }
}

/**
 * The engine could not store a durable task (`TASK_NOT_STORED`), or has not said in
 * time that it did. The `cause` is what it said.
 *
 * @publicApi
 */
export class TaskNotStoredError extends TaskError {
  override readonly name = 'TaskNotStoredError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_NOT_STORED', message, options);
  }
}

/**
 * A worker got a job that it cannot run: of a task it does not know, or of a newer
 * version (`TASK_REFUSED`). The engine keeps the job.
 *
 * @publicApi
 */
export class TaskRefusedError extends TaskError {
  override readonly name = 'TaskRefusedError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_REFUSED', message, options);
  }
}

/**
 * A task was scheduled where no request or unit of work can be found
 * (`TASK_SCOPE_MISSING`).
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
 * (`TASKS_MODULE_MISSING`). Bootstrap fails with it.
 *
 * @publicApi
 */
export class TasksModuleMissingError extends TaskError {
  override readonly name = 'TasksModuleMissingError';

  constructor() {
    super(
      'TASKS_MODULE_MISSING',
      '@Tasks() needs TasksModule. Import TasksModule.forRoot() in the root module of the application ' +
        '(with `isGlobal: false`, in every module whose handlers use @Tasks()).',
    );
  }
}

/**
 * `TasksModule` was imported more than once with different options
 * (`TASKS_MODULE_CONFLICT`). Bootstrap fails with it.
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
