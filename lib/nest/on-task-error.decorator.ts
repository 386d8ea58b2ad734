import { aString } from '../core/check-options.js';
import { checkDecorated } from './task.decorator.js';

const TASK_NAMES = Symbol('nestjs-tasks:on-task-error');

/**
 * Has a method of a provider told of the final failure of the tasks of a name, or of
 * all tasks of the application, besides their error handlers. It is called with the
 * task and the error; what it throws or rejects with is logged.
 *
 * @param name the name of a task, or that of its declaration; default every task
 * @throws TaskInvalidOptionError on what is no method of an instance
 *
 * @example
 * ```ts
 * @Injectable()
 * export class PaymentAlerts {
 *   constructor(private readonly mailer: Mailer) {}
 *
 *   @OnTaskError('payment.charge')
 *   chargeFailed(task: Task, error: Error) {
 *     return this.mailer.send('ops@example.com', `${task.name}: ${error.message}`);
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export function OnTaskError(name?: string): MethodDecorator {
  return (target, key, descriptor?: { value?: unknown }) => {
    checkDecorated('@OnTaskError()', target, key, descriptor?.value);
    if (name !== undefined) aString(name, 'name');
    const others = (Reflect.getOwnMetadata(TASK_NAMES, target, key) ??
      []) as unknown[];
    Reflect.defineMetadata(TASK_NAMES, [name, ...others], target, key);
  };
}

/** The tasks whose failures a method is told of; `undefined` stands for all. */
export function heardTaskNames(
  prototype: object,
  method: string,
): readonly (string | undefined)[] {
  return (Reflect.getMetadata(TASK_NAMES, prototype, method) ?? []) as (
    string | undefined
  )[];
}
