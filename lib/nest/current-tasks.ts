import { AsyncLocalStorage } from 'node:async_hooks';
import { TaskScopeMissingError } from '../core/errors.js';
import type { Tasks } from '../core/task-scheduler.js';

const ambient = new AsyncLocalStorage<Tasks>();

/**
 * The tasks of the request, or of the unit of work, that is running: for singleton
 * services that are called by a handler, at any depth of calls and awaits. It needs
 * `TasksModule.forRoot({ ambient: true })`.
 *
 * @throws TaskScopeMissingError outside a handler, a task, and `runInScope()`, and
 * when the module is not ambient
 *
 * @example
 * ```ts
 * @Injectable()
 * export class AuditService {
 *   record(what: string) {
 *     currentTasks().afterResponse.schedule(writeAuditLog, what);
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export function currentTasks(): Tasks {
  const tasks = ambient.getStore();
  if (!tasks) {
    throw new TaskScopeMissingError(
      'currentTasks() finds no tasks here. Give TasksModule.forRoot() the option `ambient: true`, and call it ' +
        'in a handler, in what a handler calls, or in AppTasks.runInScope(). Elsewhere, inject AppTasks.',
    );
  }
  return tasks;
}

/** Like {@link currentTasks}, for code that may run anywhere. */
export function ambientTasks(): Tasks | undefined {
  return ambient.getStore();
}

/** Runs `fn`, and all that it calls, with these tasks as the current ones. */
export function runWithTasks<T>(tasks: Tasks, fn: () => T): T {
  return ambient.run(tasks, fn);
}
