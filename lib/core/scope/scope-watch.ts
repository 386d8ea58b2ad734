import type { TaskOutcome } from '../task/task-outcome.js';
import type { Task } from '../task/task.js';
import type { ResponseEnd, RouteEnd } from './route-end.js';

/** The request or message that a scope was opened for. */
export interface ScopeOrigin {
  /** What it was, in one line: its address or handler, never its contents. */
  describe(): string;
}

/** A scope, to those who look at it. */
export interface WatchedScope {
  readonly origin: ScopeOrigin | undefined;
}

/**
 * Receives what happens to scopes and to their tasks, for which no events are created. None
 * exists unless somebody looks, so that nothing is spent for it. Must not throw.
 */
export interface ScopeWatch {
  handlerStarted(scope: WatchedScope): void;
  /** Also when no handler ran, because the request was refused. */
  handlerEnded(scope: WatchedScope, end: RouteEnd): void;
  responseEnded(scope: WatchedScope, end: ResponseEnd): void;
  /** Also when another process scheduled it, and it has come here to run. */
  taskScheduled(scope: WatchedScope, task: Task): void;
  taskStarted(task: Task): void;
  /** An attempt has failed, and the task goes on: with another one, or here if not stored. */
  attemptFailed(task: Task, error: Error): void;
  taskSettled(scope: WatchedScope, task: Task, outcome: TaskOutcome): void;
}
