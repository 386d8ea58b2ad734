import { aString } from '../../core/options/check-options.js';
import { checkDecorated } from './task.decorator.js';

const TASK_NAMES = Symbol('nestjs-tasks:on-task-error');

/**
 * Calls a method of a provider when a task with that name, or any task of the
 * application, has finally failed, in addition to the task's error handlers. The method
 * gets the task and the error; an error that it throws or rejects with is logged.
 *
 * @param name the name of a declared task; default every task. A name that the application
 * does not have when it starts is refused with `TaskNotDeclaredError`
 * @throws TaskInvalidOptionError on anything but an instance method
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

/** Whether `@OnTaskError()` is on the method of this very prototype. */
export function declaresErrorHandler(
  prototype: object,
  method: string,
): boolean {
  return Reflect.hasOwnMetadata(TASK_NAMES, prototype, method);
}

/** The names of the tasks whose failures a method handles; `undefined` stands for all tasks. */
export function handledTaskNames(
  prototype: object,
  method: string,
): readonly (string | undefined)[] {
  return (Reflect.getMetadata(TASK_NAMES, prototype, method) ?? []) as (
    string | undefined
  )[];
}
