import type { Task } from './task.js';

/**
 * The tasks that a signal cancels. Many may share one signal, so each signal has one
 * listener, for as long as there is a task for it.
 */
const watched = new WeakMap<AbortSignal, Set<Task>>();

/** Cancels the task when the signal fires, until the returned function is called. */
export function cancelOn(signal: AbortSignal, task: Task): () => void {
  let tasks = watched.get(signal);
  if (!tasks) {
    tasks = new Set();
    watched.set(signal, tasks);
    signal.addEventListener('abort', cancelWatchers, { once: true });
  }
  tasks.add(task);
  return () => {
    if (!tasks.delete(task) || tasks.size > 0) return;
    watched.delete(signal);
    signal.removeEventListener('abort', cancelWatchers);
  };
}

function cancelWatchers(this: AbortSignal): void {
  const tasks = watched.get(this) ?? [];
  watched.delete(this);
  for (const task of tasks) task.cancel(this.reason);
}
