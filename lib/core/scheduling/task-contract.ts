import { quoted } from '../base/describe.js';
import {
  TaskInvalidOptionError,
  TaskNotDeclaredError,
} from '../base/errors.js';
import { declaredOptions } from '../options/task-option-checks.js';
import type { Callable, DeclaredTaskOptions } from '../task/declared-task.js';

/**
 * A declaration without its method: what a process needs to schedule a task that another
 * one runs. It is passed to `schedule()` like a function, with the arguments of the task.
 *
 * @publicApi
 */
export interface TaskContract<F extends Callable> {
  /**
   * Gives `schedule()` its types; it cannot be called.
   *
   * @throws TaskNotDeclaredError always
   */
  (...args: Parameters<F>): ReturnType<F>;
  /** The name of the task, the same in every process. */
  readonly taskName: string;
  /** The options of its declaration. */
  readonly taskOptions: Readonly<DeclaredTaskOptions>;
}

const contracts = new WeakMap<object, TaskContract<Callable>>();

/**
 * Declares a task by its name, its parameters and its options alone, in code that several
 * applications share. One of them implements it with `@Task(contract)`; all of them
 * schedule it with `schedule(contract, …)`, and need no provider for it if it is durable.
 *
 * @throws TaskInvalidOptionError for a name that is not a string, or is empty, and for
 * invalid options
 *
 * @example
 * ```ts
 * export const SendInvoice = taskContract<(orderId: string) => Promise<void>>(
 *   'invoice.send',
 *   { durable: true, retries: 5 },
 * );
 *
 * // in the application that sells
 * tasks.afterRoute.schedule(SendInvoice, order.id);
 *
 * // in the application that invoices
 * @Injectable()
 * class InvoiceTasks {
 *   @Task(SendInvoice)
 *   async send(orderId: string) {
 *     // …
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export function taskContract<F extends Callable>(
  name: string,
  options: DeclaredTaskOptions = {},
): TaskContract<F> {
  if (typeof name !== 'string' || name === '') {
    throw new TaskInvalidOptionError(
      "The name of a task contract must be a string that is not empty. Write taskContract<(id: string) => Promise<void>>('invoice.send').",
    );
  }
  declaredOptions(options, 'taskContract()');
  const contract = Object.assign(
    () => {
      throw new TaskNotDeclaredError(
        `The contract of task ${quoted(name)} cannot be called, as it has no method. Write tasks.schedule(contract, …).`,
      );
    },
    { taskName: name, taskOptions: Object.freeze({ ...options }) },
  );
  Object.defineProperty(contract, 'name', { value: name });
  contracts.set(contract, contract);
  return contract;
}

/** The contract that a function is, if it is one. */
export function contractOf(fn: object): TaskContract<Callable> | undefined {
  return contracts.get(fn);
}
