import type { Type } from '@nestjs/common';
import type { ScheduledMethods } from '../core/scheduling/scheduled-methods.js';
import type { Settled } from '../core/base/settled.js';
import type { TaskOptions } from '../core/task/task.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { TaskStats } from '../core/app/task-stats.js';
import { RouteScheduler } from '../core/scheduling/route-scheduler.js';
import {
  type ConfigurableTaskScheduler,
  type Tasks,
} from '../core/scheduling/tasks.js';
import type { Task } from '../core/task/task.js';
import { InjectionContext } from './scopes/injection-context.js';
import { runWithTasks } from './scopes/current-tasks.js';

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

  /** @internal Inject it: `TasksModule` creates one per application. */
  constructor(runtime: TaskRuntime, isAmbient = false) {
    this.#runtime = runtime;
    this.#isAmbient = isAmbient;
    const route = runtime.openEndlessScope().openRoute();
    // Each task has an injection context of its own.
    this.#tasks = new RouteScheduler({
      app: runtime,
      route: () => route,
      context: () => undefined,
    });
  }

  /**
   * How many tasks are scheduled and running now, and how many have ended with each
   * status since the application started.
   */
  get stats(): TaskStats {
    return this.#runtime.stats;
  }

  /**
   * Schedules `fn(...args)` to start at once, never inside this call.
   *
   * @throws TaskInvalidOptionError when `fn` is not a function
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
   * A scheduler whose tasks have these options.
   *
   * @throws TaskInvalidOptionError for unknown options and invalid values
   */
  task(options: TaskOptions): ConfigurableTaskScheduler {
    return this.#tasks.task(options);
  }

  /**
   * Adopts work that is already running, as a task.
   *
   * @throws TaskInvalidOptionError when `promise` is not a promise
   */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R> {
    return this.#tasks.waitUntil(promise, options);
  }

  /**
   * Opens a scope around `fn`: its after-route tasks start when `fn` is done, and its
   * after-response tasks when those have been drained. Resolves with the value of `fn`
   * once the after-route tasks are drained.
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
    const scope = this.#runtime.openScope({ describe: () => 'runInScope' });
    let made: InjectionContext | undefined;
    const context = () => (made ??= new InjectionContext());
    const route = scope.openRoute({ context });
    const tasks = new RouteScheduler({
      app: this.#runtime,
      route: () => route,
      context,
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
        // The error of `fn` takes precedence over those of required tasks.
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
