import { contained } from '../base/contained.js';
import { toError } from '../base/to-error.js';
import type { TaskOutcome } from '../task/task-outcome.js';

/** A task, as a signal sees it. */
interface Cancellable {
  readonly name: string;
  cancel(reason: unknown): boolean;
  settle(outcome: TaskOutcome): boolean;
}

/**
 * The tasks that a signal cancels. Many tasks may share a signal, so each signal has
 * one listener, and only while there are tasks for it.
 */
const tasksOf = new WeakMap<AbortSignal, Set<Cancellable>>();

/**
 * Cancels the task when the signal has fired or fires, until the returned function is
 * called. Anything can look like a signal: if it throws, the task fails.
 */
export function cancelOn(
  signal: AbortSignal,
  task: Cancellable,
): (() => void) | undefined {
  return contained(
    () => {
      if (!signal.aborted) return listen(signal, task);
      task.cancel(signal.reason);
      return undefined;
    },
    (thrown) =>
      task.settle({ status: 'failed', error: toError(thrown, task.name) }),
  );
}

function listen(signal: AbortSignal, task: Cancellable): () => void {
  let tasks = tasksOf.get(signal);
  if (!tasks) {
    tasks = new Set();
    signal.addEventListener('abort', cancelTasks, { once: true });
    tasksOf.set(signal, tasks);
  }
  tasks.add(task);
  return () => {
    if (!tasks.delete(task) || tasks.size > 0) return;
    tasksOf.delete(signal);
    contained(() => signal.removeEventListener('abort', cancelTasks));
  };
}

function cancelTasks(this: AbortSignal): void {
  const tasks = tasksOf.get(this) ?? [];
  tasksOf.delete(this);
  const reason: unknown = contained((): unknown => this.reason);
  for (const task of tasks) task.cancel(reason);
}
