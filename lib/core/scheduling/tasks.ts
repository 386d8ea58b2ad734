import type { Class } from '../base/class.js';
import type { Settled } from '../base/settled.js';
import type { Task, TaskOptions } from '../task/task.js';
import type { ScheduledMethods } from './scheduled-methods.js';

/**
 * Schedules tasks for one phase.
 *
 * @publicApi
 */
export interface TaskScheduler {
  /**
   * Schedules `fn(...args)`. It never starts inside this call. What it returns is
   * awaited: a promise, a thenable, an Observable (whose last value counts), or a generator,
   * sync or async, which is run to its end.
   *
   * @throws TaskInvalidOptionError when `fn` is not a function
   *
   * @example
   * ```ts
   * tasks.afterResponse.schedule(sendMail, order.email);
   * ```
   */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>>;
  /**
   * The declared tasks of a provider, typed like its methods: calling one schedules it.
   * The provider may belong to any module of the application; a request-scoped one is
   * resolved for the request that schedules.
   *
   * @throws TaskNotDeclaredError when the class has no method with `@Task()`, when it has
   * no provider in the application, and for a method that is not declared
   *
   * @example
   * ```ts
   * tasks.afterResponse.of(MailTasks).welcome(user.email);
   * ```
   */
  of<T extends object>(provider: Class<T>): ScheduledMethods<T>;
}

/**
 * A {@link TaskScheduler} whose options can be refined further.
 *
 * @publicApi
 */
export interface ConfigurableTaskScheduler extends TaskScheduler {
  /**
   * The same phase, with these options merged over those given before.
   *
   * @throws TaskInvalidOptionError for unknown options and invalid values
   *
   * @example
   * ```ts
   * tasks.task({ name: 'payment', shield: true, retries: 3 }).schedule(pay, order);
   * ```
   */
  task(options: TaskOptions): ConfigurableTaskScheduler;
}

/**
 * One of the three phases of a request.
 *
 * @publicApi
 */
export interface TaskPhaseScheduler extends ConfigurableTaskScheduler {
  /**
   * Cancels the tasks of that name in this phase of this request that have not started
   * yet, and returns how many.
   */
  cancel(name: string): number;
}

/**
 * The tasks of one request, or of another scope. Its own `schedule()` starts tasks at
 * once, beside the handler.
 *
 * @publicApi
 */
export interface Tasks extends TaskPhaseScheduler {
  /** Tasks that start when the handler is done; the response waits for them. */
  readonly afterRoute: TaskPhaseScheduler;
  /** Tasks that start when the client has its response. */
  readonly afterResponse: TaskPhaseScheduler;
  /**
   * Tracks work that is already running, as a task: its failure is reported, and with
   * `shield` the shutdown waits for it. It needs no slot and is not tried again.
   *
   * @throws TaskInvalidOptionError when `promise` is not a promise, or for options that
   * do not fit
   */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R>;
}
