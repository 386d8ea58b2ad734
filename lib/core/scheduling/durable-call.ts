import { nameOfFunction, quoted } from '../base/describe.js';
import { TaskEngineMissingError } from '../base/durable-errors.js';
import {
  TaskInvalidOptionError,
  TaskNotDeclaredError,
} from '../base/errors.js';
import { isDelayed } from '../options/delay.js';
import {
  DEFAULT_QUEUE,
  DurableTask,
  type DurableDispatch,
  type EngineFeature,
} from '../running/durable-task.js';
import type { TaskHome } from '../running/scheduled-task.js';
import type { Callable, DeclaredTask } from '../task/declared-task.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { TaskOptions } from '../task/task.js';

/** A call of a declared task that is durable. */
export interface DurableCall<A extends unknown[]> {
  readonly phase: TaskPhase;
  readonly declared: DeclaredTask;
  readonly fn: Callable;
  readonly args: A;
  readonly options: Readonly<TaskOptions>;
  readonly route: TaskHome;
}

/**
 * Makes the task of a durable call, with its arguments encoded.
 *
 * @throws TaskEngineMissingError when the application has no engine to store it
 * @throws TaskInvalidOptionError for options of the call that a worker would not have
 * @throws TaskInvalidArgumentError for arguments that cannot be stored
 */
export function createDurableTask<A extends unknown[], R>(
  durable: DurableDispatch | undefined,
  { phase, declared, fn, args, options, route }: DurableCall<A>,
  ownOptions: Readonly<TaskOptions> = {},
): DurableTask<A, R> {
  if (!durable) throw new TaskEngineMissingError([declared.name]);
  const { onError, retryIf, backoff } = ownOptions;
  for (const [name, value] of Object.entries({ onError, retryIf, backoff })) {
    if (typeof value !== 'function' && !Array.isArray(value)) continue;
    throw new TaskInvalidOptionError(
      `\`${name}\` of the durable task ${quoted(declared.name)} is a function of this call, which the worker that runs the task does not have. ` +
        "Pass it to @Task(), whose options every worker has; for failures there is also @OnTaskError('…').",
    );
  }
  checkFeatures(declared.name, options, durable);
  const payload = durable.encode(declared, args);
  // Wherever it runs, it gets the arguments that would be read from the store.
  const stored = () =>
    Reflect.apply(fn, undefined, durable.decode(declared, payload));
  return new DurableTask<A, R>(
    phase,
    stored,
    args,
    isRequiredByDefault(durable, phase, options)
      ? { ...options, required: true }
      : options,
    route,
    declared,
    payload,
  );
}

/** A response says that what it caused is stored, unless the call says otherwise. */
function isRequiredByDefault(
  { canBeRequired }: DurableDispatch,
  phase: TaskPhase,
  { required }: Readonly<TaskOptions>,
): boolean {
  return canBeRequired && phase === 'afterRoute' && required === undefined;
}

/** Those that any call may ask for; the others are for declarations that recur. */
type CallFeature = Exclude<EngineFeature, 'repeat' | 'repeatSeconds'>;

/** The option that asks for a feature. */
const OPTIONS: Readonly<Record<CallFeature, string>> = {
  delay: 'delay',
  priority: 'priority',
  queues: 'queue',
  keepResult: 'keepResult',
};

/**
 * Checks that the engine of a durable task can do what its options ask for.
 *
 * @throws TaskInvalidOptionError that names the option
 */
export function checkFeatures(
  name: string,
  options: Readonly<TaskOptions>,
  durable: Pick<DurableDispatch, 'engine' | 'features'> | undefined,
  keepsResult = false,
): void {
  if (!durable) return;
  const needed: Record<CallFeature, boolean> = {
    delay: isDelayed(options),
    priority: options.priority !== undefined,
    queues: (options.queue ?? DEFAULT_QUEUE) !== DEFAULT_QUEUE,
    keepResult: keepsResult,
  };
  for (const feature of Object.keys(needed) as CallFeature[]) {
    if (!needed[feature] || durable.features.includes(feature)) continue;
    throw new TaskInvalidOptionError(
      `The durable task ${quoted(name)} has a \`${OPTIONS[feature]}\`, but the engine "${durable.engine}" does not have "${feature}" among its \`features\`. ` +
        'Leave it out, or use an engine of nestjs-tasks, as all of them have it.',
    );
  }
}

/**
 * Checks that a call has no option that only a stored task can have.
 *
 * @throws TaskNotDeclaredError for a durable task without a declaration
 * @throws TaskInvalidOptionError for an option of durable tasks
 */
export function refuseDurable(
  fn: Callable,
  isDeclared: boolean,
  { durable, key, priority, queue, transaction }: Readonly<TaskOptions>,
): void {
  if (durable && !isDeclared) {
    throw new TaskNotDeclaredError(
      `${quoted(nameOfFunction(fn))} cannot be durable: a worker in another process does not have this function. ` +
        "Declare it with @Task('…', { durable: true }) on a method of a provider, and schedule it with of().",
    );
  }
  const option =
    (key !== undefined && 'key') ||
    (priority !== undefined && 'priority') ||
    (queue !== undefined && 'queue') ||
    (transaction !== undefined && 'transaction');
  if (!option) return;
  throw new TaskInvalidOptionError(
    `\`${option}\` is for durable tasks, but ${quoted(nameOfFunction(fn))} is not durable. ` +
      'Declare it with `durable: true`, or omit the option.',
  );
}
