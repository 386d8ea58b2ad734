import { checkArguments } from './argument-check.js';
import { describe } from './check-options.js';
import { checkTaskOptions } from './check-task-options.js';
import type { Class } from './class.js';
import type {
  DeclaredTask,
  DeclaredTasks,
  DeclaredTaskScheduler,
  InjectionUnit,
} from './declared-task.js';
import { prepareDurable, refuseDurable } from './durable-call.js';
import type { DurableTasks } from './durable-task.js';
import { TaskInvalidOptionError } from './errors.js';
import type { ScheduledMethods } from './scheduled-methods.js';
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
   * tasks.afterResponse.schedule(sendMail, order.email);
   * ```
   */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>>;
  /**
   * The declared tasks of a provider, typed like its methods: calling one schedules it.
   * The provider is found in the application, in whatever module it is; one that is
   * request-scoped is resolved for the request that schedules.
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
   * The same moment, with these options on top of those given before.
   *
   * @throws TaskInvalidOptionError for unknown options and values that cannot be used
   *
   * @example
   * ```ts
   * tasks.task({ name: 'payment', shield: true, retries: 3 }).schedule(pay, order);
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

/** The unit of work that a scheduler schedules in. */
export interface SchedulingUnit extends InjectionUnit {
  readonly app: {
    readonly defaults: PhaseDefaults;
    readonly declaredTasks: DeclaredTasks;
    readonly durable: DurableTasks | undefined;
  };
  /** The route to schedule in, or throws why there is none. */
  route(): TaskRoute;
}

class PhaseScheduler implements TaskPhaseScheduler, DeclaredTaskScheduler {
  readonly #unit: SchedulingUnit;
  readonly #phase: TaskPhase;
  readonly #options: Readonly<TaskOptions>;
  /** Those that were given to `task()`, if any. */
  readonly #ownOptions: Readonly<TaskOptions> | undefined;

  constructor(
    unit: SchedulingUnit,
    phase: TaskPhase,
    ownOptions?: Readonly<TaskOptions>,
  ) {
    this.#unit = unit;
    this.#phase = phase;
    this.#ownOptions = ownOptions;
    const defaults = unit.app.defaults[phase];
    this.#options = ownOptions
      ? mergeTaskOptions(defaults, ownOptions)
      : defaults;
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
    const declared = this.#unit.app.declaredTasks.find(fn);
    if (declared) return this.scheduleDeclared<A, Settled<R>>(declared, args);
    if (this.#ownOptions) refuseDurable(fn, false, this.#ownOptions);
    return this.#unit
      .route()
      .schedule<A, Settled<R>>(this.#phase, fn, args, this.#options);
  }

  of<T extends object>(provider: Class<T>): ScheduledMethods<T> {
    const { declaredTasks } = this.#unit.app;
    return declaredTasks.methodsOf(provider, this) as ScheduledMethods<T>;
  }

  /** For the methods that `of()` gives, too. */
  scheduleDeclared<A extends unknown[], R>(
    declared: DeclaredTask,
    args: A,
  ): Task<A, R> {
    const phase = this.#phase;
    const own = this.#ownOptions;
    const options = own
      ? mergeTaskOptions(declared.options[phase], own)
      : declared.options[phase];
    const fn = declared.functionFor(this.#unit);
    const route = this.#unit.route();
    if (options.durable) {
      const { durable } = this.#unit.app;
      const call = prepareDurable(durable, declared, fn, args, options, own);
      return route.scheduleDurable<A, R>(
        phase,
        call.fn,
        args,
        options,
        declared,
        call.payload,
      );
    }
    if (own) refuseDurable(fn, true, own);
    return route.schedule<A, R>(phase, fn, args, options, declared);
  }

  task(options: TaskOptions): PhaseScheduler {
    checkTaskOptions(options);
    if (options.required && this.#phase !== 'afterRoute') {
      throw new TaskInvalidOptionError(
        '`required` is for after-route tasks only: no other task is awaited by the route. ' +
          'Use tasks.afterRoute.task({ required: true }).',
      );
    }
    if (options.transaction !== undefined && this.#phase !== 'immediate') {
      throw new TaskInvalidOptionError(
        '`transaction` is for immediate tasks only: later it may be over. Use tasks.task({ transaction }) while it is open.',
      );
    }
    return new PhaseScheduler(
      this.#unit,
      this.#phase,
      mergeTaskOptions(this.#ownOptions, options),
    );
  }

  cancel(name: string): number {
    return this.#unit.route().cancel(this.#phase, name);
  }
}

/** The {@link Tasks} of a unit of work. */
export class RouteTasks extends PhaseScheduler implements Tasks {
  readonly #unit: SchedulingUnit;
  #afterRoute: TaskPhaseScheduler | undefined;
  #afterResponse: TaskPhaseScheduler | undefined;

  constructor(unit: SchedulingUnit) {
    super(unit, 'immediate');
    this.#unit = unit;
  }

  get afterRoute(): TaskPhaseScheduler {
    return (this.#afterRoute ??= new PhaseScheduler(this.#unit, 'afterRoute'));
  }

  get afterResponse(): TaskPhaseScheduler {
    return (this.#afterResponse ??= new PhaseScheduler(
      this.#unit,
      'afterResponse',
    ));
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
    const { immediate } = this.#unit.app.defaults;
    return this.#unit
      .route()
      .follow(promise, mergeTaskOptions(immediate, options, { retries: 0 }));
  }
}
