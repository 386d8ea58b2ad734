import type { Type } from '@nestjs/common';
import type { ScheduledMethods } from '../core/scheduled-methods.js';
import type { Settled } from '../core/settled.js';
import type { TaskOptions } from '../core/task-options.js';
import type { TaskRuntime, TaskStats } from '../core/task-runtime.js';
import {
  RouteTasks,
  type ConfigurableTaskScheduler,
  type Tasks,
} from '../core/task-scheduler.js';
import type { Task } from '../core/task.js';
import { InjectionContext } from './injection-context.js';
import { runWithTasks } from './current-tasks.js';

/**
 * The tasks of the application, for work that belongs to no request: cron jobs,
 * bootstrap hooks, queue consumers, scripts. A singleton.
 *
 * @publicApi
 */
export class AppTasks {
  readonly #runtime: TaskRuntime;
  readonly #isAmbient: boolean;
  readonly #tasks: Tasks;

  /** @internal Inject it: `TasksModule` makes the one of the application. */
  constructor(runtime: TaskRuntime, isAmbient = false) {
    this.#runtime = runtime;
    this.#isAmbient = isAmbient;
    const route = runtime.openEndlessScope().openRoute();
    // Each task is a unit of work of its own.
    this.#tasks = new RouteTasks({
      app: runtime,
      route: () => route,
      context: () => undefined,
    });
  }

  /**
   * How many tasks are scheduled and running now, and how many have ended in each
   * way since the application started.
   */
  get stats(): TaskStats {
    return this.#runtime.stats;
  }

  /**
   * Schedules `fn(...args)` to start at once, never inside this call.
   *
   * @throws TaskInvalidOptionError when `fn` is no function
   */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>> {
    return this.#tasks.schedule(fn, ...args);
  }

  /**
   * The declared tasks of a provider, typed like its methods.
   *
   * @throws TaskNotDeclaredError when the class has no declared task, or no provider
   */
  of<T extends object>(provider: Type<T>): ScheduledMethods<T> {
    return this.#tasks.of(provider);
  }

  /**
   * The same with options.
   *
   * @throws TaskInvalidOptionError for unknown options and values that cannot be used
   */
  task(options: TaskOptions): ConfigurableTaskScheduler {
    return this.#tasks.task(options);
  }

  /**
   * Takes on work that runs already, as a task.
   *
   * @throws TaskInvalidOptionError when `promise` is none
   */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R> {
    return this.#tasks.waitUntil(promise, options);
  }

  /**
   * Opens a unit of work around `fn`: its after-route tasks drain when `fn` is
   * done, its after-response tasks run after that. Resolves with the value of
   * `fn` once the after-route tasks are drained.
   *
   * @throws (rejects with) the error of `fn`, or of a required task
   *
   * @example
   * ```ts
   * export class NightlyReport {
   *   constructor(private readonly appTasks: AppTasks) {}
   *
   *   run() {
   *     return this.appTasks.runInScope(async (tasks) => {
   *       const report = await buildReport();
   *       tasks.afterResponse.task({ retries: 3 }).schedule(sendReport, report);
   *     });
   *   }
   * }
   * ```
   */
  async runInScope<R>(fn: (tasks: Tasks) => R | Promise<R>): Promise<R> {
    const scope = this.#runtime.openScope();
    const route = scope.openRoute();
    let context: InjectionContext | undefined;
    const tasks = new RouteTasks({
      app: this.#runtime,
      route: () => route,
      context: () => (context ??= new InjectionContext()),
    });
    route.start();
    let threw = true;
    try {
      const value = await (this.#isAmbient
        ? runWithTasks(tasks, () => fn(tasks))
        : fn(tasks));
      threw = false;
      await route.end({ failed: false, threw: false });
      scope.responseEnded({ succeeded: true });
      return value;
    } catch (error) {
      if (threw) {
        // Its own error is what counts, whatever the required tasks say.
        await route.end({ failed: true, threw: true })?.catch(() => {});
      }
      scope.responseEnded({ succeeded: false });
      throw error;
    }
  }

  /** Resolves when no task is queued or running and no error handler is running. */
  idle(): Promise<void> {
    return this.#runtime.idle();
  }
}
