import type { AfterRouteSettings } from './after-route-drain.js';
import type { AppResources } from './app-resources.js';
import type { Clock } from './clock.js';
import type { DueTasks } from './due-tasks.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { TaskLog } from './task-log.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { Task } from './task.js';

/** A scope, as the application around it sees it. */
export interface BusyScope {
  readonly unsettled: readonly ScheduledTask[];
  /** Whether its handlers are done, and only its response has not ended. */
  readonly awaitsResponse: boolean;
  /** Resolves when the unit of work is over and all its tasks have settled. */
  closed(): Promise<void>;
}

/** What a scope needs of the application around it. */
export interface ScopeHost {
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly afterRoute: AfterRouteSettings;
  /** What the tasks of the application share. */
  readonly resources: AppResources;
  readonly due: DueTasks;
  /** A task is scheduled in a scope for the first time. */
  scopeOpened(scope: BusyScope): void;
  /** A scope got its first unsettled task. */
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
  /** Resolves when no error handler of these tasks is running. */
  handled(tasks: ReadonlySet<Task>): Promise<void>;
  /** Why no task may be scheduled now. */
  refusal(task: ScheduledTask): Error | undefined;
  /** Runs a task whose moment has come. */
  submit(task: ScheduledTask): void;
  /** Follows a task whose work runs already. */
  follow(task: ScheduledTask): void;
}
