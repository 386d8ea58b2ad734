import { recurringOptions } from '../../core/options/task-option-checks.js';
import { describe } from '../../core/base/describe.js';
import type {
  Callable,
  DeclaredTaskOptions,
  RecurringTaskOptions,
} from '../../core/task/declared-task.js';
import {
  contractOf,
  type TaskContract,
} from '../../core/scheduling/task-contract.js';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type { Task as ScheduledTask } from '../../core/task/task.js';

const DECLARATION = Symbol('nestjs-tasks:task');

/** The arguments of `@Task()`. */
export interface TaskMetadata {
  readonly name: string | undefined;
  readonly options: DeclaredTaskOptions | RecurringTaskOptions;
}

/**
 * A scheduled task: returned by `schedule()`, passed to error handlers. It is not
 * thenable; wait for it with `settled()`.
 *
 * @publicApi
 */
export interface Task<
  A extends unknown[] = unknown[],
  R = unknown,
> extends ScheduledTask<A, R> {}

/**
 * Implements a contract: the method has its parameters and result, and the task its name
 * and options.
 *
 * @param contract made by `taskContract()`
 *
 * @publicApi
 */
export function Task<F extends Callable>(
  contract: TaskContract<F>,
): <T extends F>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;
/**
 * Declares a method as a task that runs by itself, at the occurrences of `repeat`: with
 * `bullmqEngine()` and `pgBossEngine()` once among all processes that share the store, with
 * `inProcessEngine()` once in each process. The method has no parameters, or default values
 * for all of them; `currentTask().scheduledFor` is the occurrence.
 *
 * @param name stable and unique in the application; default `Class.method`
 * @throws TaskInvalidOptionError on anything but an instance method, and for
 * invalid options
 *
 * @example
 * ```ts
 * @Injectable()
 * export class ReportTasks {
 *   @Task('report.nightly', {
 *     durable: true,
 *     retries: 5,
 *     repeat: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
 *   })
 *   async nightly() {
 *     // …
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export function Task(
  name: string | undefined,
  options: RecurringTaskOptions,
): <T extends () => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;
/**
 * Declares a method of a provider as a task, which `tasks.of(Provider).method(…)`
 * schedules. A class that inherits or overrides the method inherits the declaration.
 * The type of a scheduled task has the same name.
 *
 * @param name stable and unique in the application; default `Class.method`
 * @param options the defaults of its tasks; options of the call override them, key by key
 * @throws TaskInvalidOptionError on anything but an instance method, and for
 * invalid options
 *
 * @example
 * ```ts
 * @Injectable()
 * export class MailTasks {
 *   constructor(private readonly mailer: Mailer) {}
 *
 *   @Task('mail.welcome', { retries: 3, timeout: '10s' })
 *   async welcome(email: string) {
 *     await this.mailer.send(email, 'Welcome');
 *   }
 * }
 *
 * tasks.afterResponse.of(MailTasks).welcome(user.email);
 * ```
 *
 * @publicApi
 */
export function Task(
  name?: string,
  options?: DeclaredTaskOptions,
): MethodDecorator;
export function Task(
  declared?: string | TaskContract<Callable>,
  given: DeclaredTaskOptions | RecurringTaskOptions = {},
) {
  return (
    target: object,
    key: string | symbol,
    descriptor?: { value?: unknown },
  ): void => {
    checkDecorated('@Task()', target, key, descriptor?.value);
    const contract =
      typeof declared === 'function' ? contractOf(declared) : undefined;
    const name = contract ? contract.taskName : declared;
    const options = contract ? contract.taskOptions : given;
    if (name !== undefined && (typeof name !== 'string' || name === '')) {
      throw new TaskInvalidOptionError(
        `The name that @Task() gives to ${String(key)}() must be a string that is not empty, got ${describe(name)}. ` +
          "Write @Task('mail.welcome', { retries: 3 }); for the default name, @Task(undefined, { retries: 3 }).",
      );
    }
    const metadata: TaskMetadata = {
      name,
      options: recurringOptions(options, '@Task()'),
    };
    Reflect.defineMetadata(DECLARATION, metadata, target, key);
  };
}

/** Whether `@Task()` is on the method of this very prototype. */
export function declaresTask(prototype: object, method: string): boolean {
  return Reflect.hasOwnMetadata(DECLARATION, prototype, method);
}

/** The arguments of `@Task()` on a method, or on the method that it overrides. */
export function taskMetadata(
  prototype: object,
  method: string,
): TaskMetadata | undefined {
  return Reflect.getMetadata(DECLARATION, prototype, method) as
    TaskMetadata | undefined;
}

/** @throws TaskInvalidOptionError when a decorator is on anything but an instance method with a string name */
export function checkDecorated(
  decorator: string,
  target: object,
  key: string | symbol,
  value: unknown,
): void {
  if (typeof target === 'function' || typeof value !== 'function') {
    throw new TaskInvalidOptionError(
      `${decorator} must be on an instance method of a provider, got \`${String(key)}\`. ` +
        'Static methods, accessors and properties that hold a function cannot be declared.',
    );
  }
  if (typeof key === 'symbol') {
    throw new TaskInvalidOptionError(
      `${decorator} must be on a method whose name is a string, got ${String(key)}.`,
    );
  }
}
