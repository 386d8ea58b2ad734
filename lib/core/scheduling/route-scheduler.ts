import { describe } from '../base/describe.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import { ignoreRejection, isThenable } from '../base/settled.js';
import { isDelayed } from '../options/delay.js';
import { mergeTaskOptions } from '../options/merge-task-options.js';
import { checkTaskOptions } from '../options/task-option-checks.js';
import { ScheduledTask } from '../running/scheduled-task.js';
import type { Task, TaskOptions } from '../task/task.js';
import { PhaseScheduler } from './phase-scheduler.js';
import type { SchedulingScope } from './scheduling-scope.js';
import type { TaskPhaseScheduler, Tasks } from './tasks.js';

/** The {@link Tasks} of a scope, for one of its routes. */
export class RouteScheduler extends PhaseScheduler implements Tasks {
  #afterRoute: TaskPhaseScheduler | undefined;
  #afterResponse: TaskPhaseScheduler | undefined;

  constructor(scope: SchedulingScope) {
    super(scope, 'immediate');
  }

  /** The scope that the tasks are scheduled in, if it is such tasks. */
  static scopeOf(tasks: unknown): SchedulingScope | undefined {
    return tasks instanceof RouteScheduler ? tasks.scope : undefined;
  }

  get afterRoute(): TaskPhaseScheduler {
    return (this.#afterRoute ??= new PhaseScheduler(this.scope, 'afterRoute'));
  }

  get afterResponse(): TaskPhaseScheduler {
    return (this.#afterResponse ??= new PhaseScheduler(
      this.scope,
      'afterResponse',
    ));
  }

  waitUntil<R>(promise: PromiseLike<R>, given: TaskOptions = {}): Task<[], R> {
    const options = checkTaskOptions(given);
    if (!isThenable(promise)) {
      throw new TaskInvalidOptionError(
        `waitUntil() takes a promise, got ${describe(promise)}. For a function use schedule().`,
      );
    }
    if (options.retries || options.required || isDelayed(options)) {
      throw new TaskInvalidOptionError(
        'waitUntil() tracks work that is already running, which can be neither `required` nor delayed nor tried again. ' +
          'Pass the function to schedule() instead.',
      );
    }
    // Resolved once, because a lazy thenable works anew each time it is awaited.
    const work = Promise.resolve(promise);
    ignoreRejection(work);
    const { immediate } = this.scope.app.defaults;
    const route = this.scope.route();
    const task = new ScheduledTask<[], R>(
      'immediate',
      () => work,
      [],
      mergeTaskOptions(immediate, options, { retries: 0 }),
      route,
    );
    route.follow(task);
    return task;
  }
}
