import type { Callable, DeclaredTask } from './declared-task.js';
import type { DurableTasks } from './durable-task.js';
import {
  TaskEngineMissingError,
  TaskInvalidOptionError,
  TaskNotDeclaredError,
} from './errors.js';
import { nameOfFunction } from './function-name.js';
import type { TaskOptions } from './task-options.js';

/** What a durable task is stored as, and what runs it where it cannot be stored. */
export interface DurableCall {
  readonly payload: string;
  readonly fn: Callable;
}

/**
 * Prepares the call of a durable task.
 *
 * @throws TaskEngineMissingError when the application has no engine that stores it
 * @throws TaskInvalidOptionError for options of the call that no worker would have
 * @throws TaskInvalidArgumentError for arguments that cannot be stored
 */
export function prepareDurable(
  durable: DurableTasks | undefined,
  declared: DeclaredTask,
  fn: Callable,
  args: readonly unknown[],
  options: Readonly<TaskOptions>,
  ownOptions: Readonly<TaskOptions> = {},
): DurableCall {
  if (!durable) throw new TaskEngineMissingError([declared.name]);
  const { onError, retryIf, backoff } = ownOptions;
  for (const [name, value] of Object.entries({ onError, retryIf, backoff })) {
    if (typeof value !== 'function' && !Array.isArray(value)) continue;
    throw new TaskInvalidOptionError(
      `\`${name}\` of the durable task "${declared.name}" is a function of this call, which the worker that runs it would not have. ` +
        "Give it to @Task(), whose options every worker has; for failures there is @OnTaskError('…') too.",
    );
  }
  const payload = durable.encode(declared, args, options);
  return {
    payload,
    // What runs is what would be read from the store, wherever it runs.
    fn: () => Reflect.apply(fn, undefined, durable.decode(payload)),
  };
}

/**
 * Checks that a call asks for nothing that only a stored task can have.
 *
 * @throws TaskNotDeclaredError for a durable task without a declaration
 * @throws TaskInvalidOptionError for an option of durable tasks
 */
export function refuseDurable(
  fn: Callable,
  isDeclared: boolean,
  { durable, key, transaction }: Readonly<TaskOptions>,
): void {
  if (durable && !isDeclared) {
    throw new TaskNotDeclaredError(
      `"${nameOfFunction(fn)}" cannot be durable: a worker in another process does not have this function. ` +
        "Declare it with @Task('…', { durable: true }) on a method of a provider, and schedule it with of().",
    );
  }
  if (key === undefined && transaction === undefined) return;
  throw new TaskInvalidOptionError(
    `\`${key === undefined ? 'transaction' : 'key'}\` is for durable tasks, and "${nameOfFunction(fn)}" is none. ` +
      'Declare it with `durable: true`, or leave the option out.',
  );
}
