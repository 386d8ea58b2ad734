import { declaredOptions } from '../core/check-task-options.js';
import { describe } from '../core/check-options.js';
import type { DeclaredTaskOptions } from '../core/declared-task.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import type { Task as ScheduledTask } from '../core/task.js';

const DECLARATION = Symbol('nestjs-tasks:task');

/** What `@Task()` was given. */
export interface TaskMetadata {
  readonly name: string | undefined;
  readonly options: DeclaredTaskOptions;
}

/**
 * A scheduled task: returned by `schedule()`, given to error handlers. It is no
 * thenable; wait for it with `settled()`.
 *
 * @publicApi
 */
export interface Task<
  A extends unknown[] = unknown[],
  R = unknown,
> extends ScheduledTask<A, R> {}

/**
 * Declares a method of a provider as a task, which `tasks.of(Provider).method(…)`
 * schedules. A class that inherits or overrides the method inherits the declaration.
 * The same name is the type of a scheduled task.
 *
 * @param name stable and unique in the application; default `Class.method`
 * @param options what its tasks start from; what the call says wins, key by key
 * @throws TaskInvalidOptionError on what is no method of an instance, and for options
 * that cannot be used
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
  options: DeclaredTaskOptions = {},
): MethodDecorator {
  return (target, key, descriptor?: { value?: unknown }) => {
    checkDecorated('@Task()', target, key, descriptor?.value);
    if (name !== undefined && (typeof name !== 'string' || name === '')) {
      throw new TaskInvalidOptionError(
        `@Task() takes a name and options, but on ${String(key)}() the name is ${describe(name)}. ` +
          "Write @Task('mail.welcome', { retries: 3 }); for the default name, @Task(undefined, { retries: 3 }).",
      );
    }
    declaredOptions(options, '@Task()');
    const metadata: TaskMetadata = { name, options };
    Reflect.defineMetadata(DECLARATION, metadata, target, key);
  };
}

/** What `@Task()` says of a method, or of the one that it overrides. */
export function taskMetadata(
  prototype: object,
  method: string,
): TaskMetadata | undefined {
  return Reflect.getMetadata(DECLARATION, prototype, method) as
    TaskMetadata | undefined;
}

/** @throws TaskInvalidOptionError when a decorator is put on what is no method of an instance */
export function checkDecorated(
  decorator: string,
  target: object,
  key: string | symbol,
  value: unknown,
): void {
  if (typeof target === 'function' || typeof value !== 'function') {
    throw new TaskInvalidOptionError(
      `${decorator} belongs on a method of a provider, but ${String(key)} is none. ` +
        'Static methods, accessors and properties that hold a function cannot be declared.',
    );
  }
  if (typeof key === 'symbol') {
    throw new TaskInvalidOptionError(
      `${decorator} needs a method with a name that is a string, but it is ${String(key)}.`,
    );
  }
}
