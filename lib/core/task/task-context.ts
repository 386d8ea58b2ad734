import { AsyncLocalStorage } from 'node:async_hooks';
import { TaskScopeMissingError } from '../base/errors.js';
import type { Task } from './task.js';

const running = new AsyncLocalStorage<Task>();

/**
 * The task whose function or error handler is running, at any depth of calls and
 * awaits inside it.
 *
 * @throws TaskScopeMissingError outside a task
 *
 * @example
 * ```ts
 * async function fetchRates() {
 *   return fetch('https://rates.example.com', { signal: currentTask().signal });
 * }
 * ```
 *
 * @publicApi
 */
export function currentTask(): Task {
  const task = running.getStore();
  if (!task) {
    throw new TaskScopeMissingError(
      'currentTask() was called outside a task. Call it in a function that was passed to schedule(), ' +
        'or in what that function calls.',
    );
  }
  return task;
}

/** Like {@link currentTask}, but `undefined` outside a task. */
export function callingTask(): Task | undefined {
  return running.getStore();
}

/**
 * Makes what is left of the current async scope a part of `task`. Unlike
 * {@link runInTask}, which copies the async context twice, it does not end by itself.
 */
export function enterTask(task: Task): void {
  running.enterWith(task);
}

/** Calls `fn` as a part of `task`. */
export function runInTask<T>(task: Task, fn: () => T): T {
  return running.run(task, fn);
}
