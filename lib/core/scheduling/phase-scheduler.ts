import { checkArguments } from '../base/argument-check.js';
import type { Class } from '../base/class.js';
import { describe, nameOfFunction } from '../base/describe.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import type { Settled } from '../base/settled.js';
import { isDelayed } from '../options/delay.js';
import { mergeTaskOptions } from '../options/merge-task-options.js';
import { checkTaskOptions } from '../options/task-option-checks.js';
import { ScheduledTask } from '../running/scheduled-task.js';
import type {
  DeclaredTask,
  DeclaredTaskScheduler,
} from '../task/declared-task.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { Task, TaskOptions } from '../task/task.js';
import { checkDelay } from './check-delay.js';
import { createDurableTask, refuseDurable } from './durable-call.js';
import type { ScheduledMethods } from './scheduled-methods.js';
import type { SchedulingScope } from './scheduling-scope.js';
import type { TaskPhaseScheduler } from './tasks.js';

/** Checks a call, makes its task, and hands it to the route. */
export class PhaseScheduler
  implements TaskPhaseScheduler, DeclaredTaskScheduler
{
  readonly #scope: SchedulingScope;
  readonly #phase: TaskPhase;
  readonly #options: Readonly<TaskOptions>;
  /** Those given to `task()`, if any. */
  readonly #ownOptions: Readonly<TaskOptions> | undefined;

  constructor(
    scope: SchedulingScope,
    phase: TaskPhase,
    ownOptions?: Readonly<TaskOptions>,
  ) {
    this.#scope = scope;
    this.#phase = phase;
    this.#ownOptions = ownOptions;
    const defaults = scope.app.defaults[phase];
    this.#options = ownOptions
      ? mergeTaskOptions(defaults, ownOptions)
      : defaults;
  }

  protected get scope(): SchedulingScope {
    return this.#scope;
  }

  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>> {
    if (typeof fn !== 'function') {
      throw new TaskInvalidOptionError(
        `schedule() takes a function and its arguments, got ${describe(fn)}. ` +
          'Write schedule(fn, arg), not schedule(fn(arg)); for a promise use waitUntil().',
      );
    }
    checkArguments(fn, args);
    const declared = this.scope.app.registry.find(fn);
    if (declared) return this.scheduleDeclared<A, Settled<R>>(declared, args);
    if (this.#ownOptions) refuseDurable(fn, false, this.#ownOptions);
    if (isDelayed(this.#options))
      this.#checkDelay(nameOfFunction(fn), this.#options);
    const route = this.scope.route();
    const task = new ScheduledTask<A, Settled<R>>(
      this.#phase,
      fn,
      args,
      this.#options,
      route,
    );
    route.accept(task);
    return task;
  }

  of<T extends object>(provider: Class<T>): ScheduledMethods<T> {
    const { registry } = this.scope.app;
    return registry.methodsOf(provider, this) as ScheduledMethods<T>;
  }

  /** Also called by the methods that `of()` returns. */
  scheduleDeclared<A extends unknown[], R>(
    declared: DeclaredTask,
    args: A,
  ): Task<A, R> {
    const phase = this.#phase;
    const own = this.#ownOptions;
    const options = own
      ? mergeTaskOptions(declared.options[phase], own)
      : declared.options[phase];
    if (isDelayed(options)) this.#checkDelay(declared.name, options);
    const fn = declared.functionFor(this.scope);
    const route = this.scope.route();
    let task: ScheduledTask<A, R>;
    if (options.durable) {
      const { durable } = this.scope.app;
      task = createDurableTask<A, R>(
        durable,
        { phase, declared, fn, args, options, route },
        own,
      );
    } else {
      if (own) refuseDurable(fn, true, own);
      task = new ScheduledTask<A, R>(phase, fn, args, options, route, declared);
    }
    route.accept(task);
    return task;
  }

  task(given: TaskOptions): PhaseScheduler {
    const options = checkTaskOptions(given);
    if (options.required && this.#phase !== 'afterRoute') {
      throw new TaskInvalidOptionError(
        '`required` is for after-route tasks only, because the route waits for no others. ' +
          'Use tasks.afterRoute.task({ required: true }).',
      );
    }
    if (options.transaction !== undefined && this.#phase !== 'immediate') {
      throw new TaskInvalidOptionError(
        '`transaction` is for immediate tasks only, because later it may be over. Use tasks.task({ transaction }) while it is open.',
      );
    }
    return new PhaseScheduler(
      this.scope,
      this.#phase,
      mergeTaskOptions(this.#ownOptions, options),
    );
  }

  cancel(name: string): number {
    return this.scope.route().cancel(this.#phase, name);
  }

  #checkDelay(name: string, options: Readonly<TaskOptions>): void {
    const { gracePeriodMs } = this.scope.app.settings.shutdown;
    checkDelay(options.name ?? name, this.#phase, options, gracePeriodMs);
  }
}
