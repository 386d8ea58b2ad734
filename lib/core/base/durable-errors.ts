import { TaskError } from './task-error.js';
import { messageOf } from './to-error.js';

/**
 * A part of this package was used without the peer package that it needs
 * (`TASK_PEER_MISSING`). The message says what to install.
 *
 * @publicApi
 */
export class TaskPeerMissingError extends TaskError {
  override readonly name = 'TaskPeerMissingError';

  constructor(user: string, peer: string, options?: ErrorOptions) {
    super(
      'TASK_PEER_MISSING',
      `${user} needs the package "${peer}", which cannot be loaded. ${whatToDo(peer, options?.cause)}`,
      options,
    );
  }
}

/** Jest in CommonJS refuses packages that consist of ES modules, however well installed. */
function whatToDo(peer: string, cause: unknown): string {
  return /\bJest\b|experimental-vm-modules/.test(messageOf(cause))
    ? 'If it is installed, run Jest with NODE_OPTIONS=--experimental-vm-modules, which lets it load ES modules.'
    : `Install it: npm install ${peer}`;
}

/**
 * A task is durable, but the application has no engine to store it
 * (`TASK_ENGINE_MISSING`). When a declaration is durable, bootstrap fails with this
 * error.
 *
 * @publicApi
 */
export class TaskEngineMissingError extends TaskError {
  override readonly name = 'TaskEngineMissingError';

  constructor(taskNames: readonly string[]) {
    super(
      'TASK_ENGINE_MISSING',
      `Durable tasks need an engine that stores them, but the application has none: ${taskNames.join(', ')}. ` +
        'Pass one to TasksModule.forRoot({ engine: bullmqEngine({ … }) }), or omit `durable`.',
    );
  }
}

/**
 * An argument of a durable task cannot be stored, or does not match its schema
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
 * The engine could not store a durable task, or did not confirm in time that it had
 * (`TASK_NOT_STORED`). The `cause` is the engine's error.
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
 * The engine of the application, or the mode of a test, does not have what was asked for
 * (`TASK_NOT_SUPPORTED`).
 *
 * @publicApi
 */
export class TaskNotSupportedError extends TaskError {
  override readonly name = 'TaskNotSupportedError';

  constructor(message: string) {
    super('TASK_NOT_SUPPORTED', message);
  }
}

/**
 * The store of the engine failed, or did not answer, when it was asked about stored tasks
 * (`TASK_STORE_FAILED`). The `cause` is the engine's error.
 *
 * @publicApi
 */
export class TaskStoreError extends TaskError {
  override readonly name = 'TaskStoreError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_STORE_FAILED', message, options);
  }
}

/**
 * A worker received a job that it cannot run, such as one of an unknown task or of a
 * newer version (`TASK_REFUSED`). The engine keeps the job.
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
 * The store no longer has a running job as this worker's (`TASK_LOST`), for instance
 * because this process was stopped for longer than the lock of the job. Another worker may
 * have it. It is the reason of the signal of the task, and of its drop.
 *
 * @publicApi
 */
export class TaskLostError extends TaskError {
  override readonly name = 'TaskLostError';

  constructor(message: string, options?: ErrorOptions) {
    super('TASK_LOST', message, options);
  }
}
