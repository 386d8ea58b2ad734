import { AsyncLocalStorage } from 'node:async_hooks';
import { TaskScopeMissingError } from '../../core/base/errors.js';
import type { Tasks } from '../../core/scheduling/tasks.js';

const ambient = new AsyncLocalStorage<Tasks>();

/**
 * The tasks of the current request or scope: for singleton services that a handler
 * calls, at any depth of calls and awaits. It needs
 * `TasksModule.forRoot({ ambient: true })`.
 *
 * @throws TaskScopeMissingError outside a handler, a task and `runInScope()`, and
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
      'currentTasks() was called outside a scope. Set `ambient: true` in TasksModule.forRoot(), and call it ' +
        'in a handler, in code that a handler calls, or inside AppTasks.runInScope(). Elsewhere, inject AppTasks.',
    );
  }
  return tasks;
}

/** Like {@link currentTasks}, but `undefined` outside a scope. */
export function ambientTasks(): Tasks | undefined {
  return ambient.getStore();
}

/** Runs `fn`, and everything it calls, with these tasks as the current ones. */
export function runWithTasks<T>(tasks: Tasks, fn: () => T): T {
  return ambient.run(tasks, fn);
}
