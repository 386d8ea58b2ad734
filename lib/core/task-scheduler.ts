import { checkArguments } from './argument-check.js';
import { describe } from './check-options.js';
import { checkTaskOptions } from './check-task-options.js';
import { TaskInvalidOptionError } from './errors.js';
import { isThenable, type Settled } from './settled.js';
import { mergeTaskOptions, type TaskOptions } from './task-options.js';
import type { TaskRoute } from './task-route.js';
import type { Task, TaskPhase } from './task.js';

/** The options that every task of a phase starts from. */
export type PhaseDefaults = Readonly<Record<TaskPhase, Readonly<TaskOptions>>>;

/**
 * Schedules tasks for one moment.
 *
 * @publicApi
 */
export interface TaskScheduler {
  /**
   * Schedules `fn(...args)`. It never starts inside this call. What it returns is
   * awaited: a promise, a thenable, or an Observable (whose last value counts).
   *
   * @throws TaskInvalidOptionError when `fn` is no function
   *
   * @example
   * ```ts
   * tasks.afterResponse.schedule(sendConfirmation, order.email, order.id);
   * ```
   */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>>;
}

/**
 * A {@link TaskScheduler} whose options can be refined further.
 *
 * @publicApi
 */
export interface ConfigurableTaskScheduler extends TaskScheduler {
  /**
   * The same moment, with these options on top of those given before.
   *
   * @throws TaskInvalidOptionError for unknown options and values that cannot be used
   *
   * @example
   * ```ts
   * tasks.task({ name: 'payment', shield: true, retries: 3 }).schedule(charge, order);
   * ```
   */
  task(options: TaskOptions): ConfigurableTaskScheduler;
}

/**
 * One of the three moments of a request.
 *
 * @publicApi
 */
export interface TaskPhaseScheduler extends ConfigurableTaskScheduler {
  /**
   * Cancels the tasks of that name in this phase of this request that have not
   * started yet, and says how many.
   */
  cancel(name: string): number;
}

/**
 * The tasks of one request, or of another unit of work. Its own `schedule()` starts
 * tasks at once, beside the handler.
 *
 * @publicApi
 */
export interface Tasks extends TaskPhaseScheduler {
  /** Tasks that start when the handler is done; the response waits for them. */
  readonly afterRoute: TaskPhaseScheduler;
  /** Tasks that start when the client has its answer. */
  readonly afterResponse: TaskPhaseScheduler;
  /**
   * Takes on work that runs already, as a task: its failure is reported, and with
   * `shield` the shutdown waits for it. It needs no slot and is not tried again.
   *
   * @throws TaskInvalidOptionError when `promise` is none, or for options that do not fit
   */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R>;
}

/** Gives the route to schedule in, or throws why there is none. */
export type RouteOf = () => TaskRoute;

class PhaseScheduler implements TaskPhaseScheduler {
  readonly #routeOf: RouteOf;
  readonly #phase: TaskPhase;
  readonly #options: Readonly<TaskOptions>;

  constructor(
    routeOf: RouteOf,
    phase: TaskPhase,
    options: Readonly<TaskOptions>,
  ) {
    this.#routeOf = routeOf;
    this.#phase = phase;
    this.#options = options;
  }

  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>> {
    if (typeof fn !== 'function') {
      throw new TaskInvalidOptionError(
        `schedule() takes a function and its arguments, but the first is ${describe(fn)}. ` +
          'Write schedule(fn, arg), not schedule(fn(arg)); for a promise there is waitUntil().',
      );
    }
    checkArguments(fn, args);
    return this.#routeOf().schedule<A, Settled<R>>(
      this.#phase,
      fn,
      args,
      this.#options,
    );
  }

  task(options: TaskOptions): PhaseScheduler {
    checkTaskOptions(options);
    if (options.required && this.#phase !== 'afterRoute') {
      throw new TaskInvalidOptionError(
        '`required` is for after-route tasks only: no other task is awaited by the route. ' +
          'Use tasks.afterRoute.task({ required: true }).',
      );
    }
    return new PhaseScheduler(
      this.#routeOf,
      this.#phase,
      mergeTaskOptions(this.#options, options),
    );
  }

  cancel(name: string): number {
    return this.#routeOf().cancel(this.#phase, name);
  }
}

/** The {@link Tasks} of a route. */
export class RouteTasks extends PhaseScheduler implements Tasks {
  readonly #routeOf: RouteOf;
  readonly #defaults: PhaseDefaults;
  #afterRoute: TaskPhaseScheduler | undefined;
  #afterResponse: TaskPhaseScheduler | undefined;

  constructor(routeOf: RouteOf, defaults: PhaseDefaults) {
    super(routeOf, 'immediate', defaults.immediate);
    this.#routeOf = routeOf;
    this.#defaults = defaults;
  }

  get afterRoute(): TaskPhaseScheduler {
    return (this.#afterRoute ??= this.#schedulerOf('afterRoute'));
  }

  get afterResponse(): TaskPhaseScheduler {
    return (this.#afterResponse ??= this.#schedulerOf('afterResponse'));
  }

  waitUntil<R>(
    promise: PromiseLike<R>,
    options: TaskOptions = {},
  ): Task<[], R> {
    checkTaskOptions(options);
    if (!isThenable(promise)) {
      throw new TaskInvalidOptionError(
        `waitUntil() takes a promise, but it is ${describe(promise)}. For a function there is schedule().`,
      );
    }
    if (options.retries || options.required) {
      throw new TaskInvalidOptionError(
        'waitUntil() follows work that runs already, which can be neither `required` nor tried again. ' +
          'Pass the function to schedule() instead.',
      );
    }
    return this.#routeOf().follow(
      promise,
      mergeTaskOptions(this.#defaults.immediate, options, { retries: 0 }),
    );
  }

  #schedulerOf(phase: TaskPhase): TaskPhaseScheduler {
    return new PhaseScheduler(this.#routeOf, phase, this.#defaults[phase]);
  }
}
