import type { Task } from './task.js';

/**
 * What can go wrong around a task without being its outcome, and so is only logged.
 * Its one implementation is `app/log-lines.ts`, which holds the sentences.
 */
export interface TaskIncidents {
  /** An attempt failed, as so many before it, and another one follows after the pause. */
  retrying(task: Task, error: Error, failures: number, pauseMs: number): void;
  /** An attempt has asked for another one, which follows after the pause. */
  postponed(task: Task, error: Error, pauseMs: number): void;
  /** `retryIf` or a backoff function threw, so there is no further attempt. */
  retryPolicyFailed(task: Task, policyError: unknown, error: Error): void;
  /** The Observable or generator that a task returned failed when it was stopped. */
  stopFailed(task: Task, error: unknown): void;
  /** The response is sent before these after-route tasks have settled. */
  drainTimedOut(tasks: readonly Task[], timeoutMs: number): void;
  /** The response does not wait for this after-route task, which waits for the shutdown. */
  notAwaited(task: Task): void;
  /** An after-route task was scheduled after the drain of its route. */
  scheduledAfterRoute(task: Task): void;
}
