import type { Clock } from '../base/clock.js';
import type { Linked } from '../base/linked-list.js';
import type { AfterRouteSettings } from '../options/task-settings.js';
import type { DurableDispatch } from '../running/durable-task.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { Runner } from '../running/task-runner.js';
import type { TaskIncidents } from '../task/task-incidents.js';
import type { TaskOutcome, TaskStatus } from '../task/task-outcome.js';
import type { Task } from '../task/task.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { DueTasks } from './due-tasks.js';
import type { ResponseEnd } from './route-end.js';
import type { ScopeOrigin, ScopeWatch } from './scope-watch.js';

/** A scope, as the application sees it. */
export interface BusyScope extends Linked {
  /** While none of them settles. */
  readonly unsettled: Iterable<ScheduledTask>;
  /** Whether its handlers are done and only its response has not ended. */
  readonly awaitsResponse: boolean;
  /** Resolves when the scope is over and all its tasks have settled. */
  closed(): Promise<void>;
}

/** What a route needs of its scope. */
export interface RouteScope {
  readonly origin: ScopeOrigin | undefined;
  readonly responseEnd: ResponseEnd | undefined;
  add(task: ScheduledTask): void;
  remove(task: ScheduledTask): void;
  cancel(phase: TaskPhase, name: string): number;
  routeSettled(): void;
}

/** What a scope needs of its application. */
export interface ScopeHost {
  readonly clock: Clock;
  readonly incidents: TaskIncidents;
  readonly afterRoute: AfterRouteSettings;
  /** Who looks at the scopes, while somebody does. */
  readonly watches: { readonly current: ScopeWatch | undefined };
  /** What the tasks of the application share. */
  readonly resources: object;
  readonly due: DueTasks;
  readonly runner: Runner;
  /** Runs a task in this process, when its delay is over. Must not throw. */
  run(task: ScheduledTask): void;
  /** Stores durable tasks, if the application has an engine. */
  readonly durable: DurableDispatch | undefined;
  /** The first task is scheduled in a scope. */
  scopeOpened(scope: BusyScope): void;
  /** A scope has its first unsettled task. */
  scopeBusy(scope: BusyScope): void;
  /** The last task of a scope has settled. */
  scopeQuiet(scope: BusyScope): void;
  taskScheduled(task: ScheduledTask): void;
  taskStarted(task: ScheduledTask): void;
  taskRetrying(task: ScheduledTask, error: Error): void;
  taskSettled(
    task: ScheduledTask,
    outcome: TaskOutcome,
    before: TaskStatus,
  ): void;
  /** A response waits for a task from now on, or no longer. */
  taskAwaited(task: ScheduledTask, isAwaited: boolean): void;
  /** Resolves when no error handler of these tasks is running. */
  handled(tasks: ReadonlySet<Task>): Promise<void>;
  /** Why no task can be scheduled now, or `undefined`. */
  refusal(task: ScheduledTask): Error | undefined;
}
