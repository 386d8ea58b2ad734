import { systemClock, type Clock } from '../base/clock.js';
import { TaskBacklogFullError } from '../base/errors.js';
import { containedLog, type Log } from '../base/log.js';
import { isDelayed } from '../options/delay.js';
import {
  resolveTaskSettings,
  type AfterRouteSettings,
  type PhaseDefaults,
  type ResolvedTaskSettings,
  type TaskSettings,
} from '../options/task-settings.js';
import type { DurableDispatch } from '../running/durable-task.js';
import type { Interceptors } from '../running/interceptors.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import { TaskRunner, type Runner } from '../running/task-runner.js';
import { TaskRegistry } from '../scheduling/task-registry.js';
import { DelayedTasks } from '../scope/delayed-tasks.js';
import { DueTasks } from '../scope/due-tasks.js';
import type { BusyScope, ScopeHost } from '../scope/scope-host.js';
import type { ScopeOrigin } from '../scope/scope-watch.js';
import { TaskRoute } from '../scope/task-route.js';
import { TaskScope, type RouteClass } from '../scope/task-scope.js';
import { finalEvent, type TaskEvent } from '../task/task-event.js';
import type { TaskIncidents } from '../task/task-incidents.js';
import type { TaskOutcome, TaskStatus } from '../task/task-outcome.js';
import type { Task } from '../task/task.js';
import { AppResources } from './app-resources.js';
import { BusyScopes } from './busy-scopes.js';
import { Changes } from './changes.js';
import { ErrorHandlers, type ResolveReporter } from './error-handlers.js';
import { LogLines } from './log-lines.js';
import { Observers } from './observers.js';
import { Shutdown, type ShutdownHost } from './shutdown.js';
import { TaskCounts, type TaskStats } from './task-stats.js';
import { ScopeWatches } from './scope-watches.js';
import { passOn } from './wait-until.js';

export interface TaskRuntimeParts {
  readonly settings: TaskSettings;
  readonly log: Log;
  readonly resolveReporter: ResolveReporter;
  readonly interceptors?: Interceptors | undefined;
  readonly clock?: Clock | undefined;
  /** Creates what stores durable tasks, in an application that has an engine. */
  readonly createDurable?:
    ((runtime: TaskRuntime) => DurableDispatch) | undefined;
  /** Called when the first shielded task is accepted. */
  readonly onFirstShielded?: (() => void) | undefined;
  /** Overrides of test modes. */
  readonly afterRoute?: Partial<AfterRouteSettings> | undefined;
  readonly Route?: RouteClass | undefined;
  readonly createRunner?:
    | ((...parts: ConstructorParameters<typeof TaskRunner>) => Runner)
    | undefined;
}

/**
 * The tasks of one application: its parts, put together, and the events that pass from
 * its scopes to the counts, the observers, the log, the error handlers and the shutdown.
 */
export class TaskRuntime implements ScopeHost, ShutdownHost {
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: LogLines;
  readonly settings: ResolvedTaskSettings;
  readonly afterRoute: AfterRouteSettings;
  readonly resources: AppResources;
  readonly due: DueTasks;
  readonly delayed: DelayedTasks;
  readonly runner: Runner;
  readonly shutdown: Shutdown;
  readonly registry: TaskRegistry;
  readonly durable: DurableDispatch | undefined;
  readonly #Route: RouteClass;
  readonly observers: Observers;
  readonly errors: ErrorHandlers;
  readonly scopes = new BusyScopes();
  readonly watches = new ScopeWatches();
  readonly #counts = new TaskCounts();
  #onFirstShielded: (() => void) | undefined;
  readonly #changes = new Changes();

  constructor(parts: TaskRuntimeParts) {
    const settings = resolveTaskSettings(parts.settings);
    this.settings = settings;
    this.clock = parts.clock ?? systemClock;
    this.log = containedLog(parts.log);
    this.lines = new LogLines(this.log);
    this.due = new DueTasks(this.clock);
    this.delayed = new DelayedTasks(this.clock);
    this.#onFirstShielded = parts.onFirstShielded;
    this.afterRoute = { ...settings.afterRoute, ...parts.afterRoute };
    this.#Route = parts.Route ?? TaskRoute;
    this.resources = new AppResources(this);
    this.shutdown = new Shutdown(this, settings.shutdown);
    this.registry = new TaskRegistry(settings.defaults);
    const forRunner = [this.clock, this.lines, settings] as const;
    this.runner =
      parts.createRunner?.(...forRunner, parts.interceptors) ??
      new TaskRunner(...forRunner, parts.interceptors);
    this.durable = parts.createDurable?.(this);
    this.observers = new Observers(settings.observers, this.lines);
    this.errors = new ErrorHandlers(
      this.registry,
      settings.onError,
      parts.resolveReporter,
      this.lines,
      () => this.#changed(),
      this.clock,
    );
  }

  get defaults(): PhaseDefaults {
    return this.settings.defaults;
  }

  get incidents(): TaskIncidents {
    return this.lines;
  }

  get stats(): TaskStats {
    return this.#counts.stats(this.durable !== undefined);
  }

  get shielded(): number {
    return this.#counts.shielded;
  }

  openScope(origin?: ScopeOrigin): TaskScope {
    return new TaskScope(this, this.#Route, false, origin);
  }

  /** A scope for work that belongs to no request. */
  openEndlessScope(): TaskScope {
    return new TaskScope(this, this.#Route, true);
  }

  /** Resolves when no error handler is running, or none of these tasks. */
  handled(tasks?: ReadonlySet<Task>): Promise<void> {
    return this.errors.quiet(tasks);
  }

  /** Resolves when no task is queued or running and no error handler is running. */
  async idle(): Promise<void> {
    // In a loop: a continuation of the last task may have scheduled another one.
    while (!this.#isIdle()) await this.#changes.next();
  }

  run(task: ScheduledTask): void {
    const { runner } = this;
    if (isDelayed(task.options)) this.delayed.add(task, runner);
    else runner.run(task);
  }

  unsettledTasks(): ScheduledTask[] {
    return [...this.scopes.tasks()];
  }

  hasRunningHandlers(except: ReadonlyMap<Task, unknown>): boolean {
    return this.errors.isBusy(except);
  }

  scopeOpened(scope: BusyScope): void {
    const { waitUntil } = this.settings;
    if (waitUntil) passOn(scope, waitUntil, this.errors, this.lines);
  }

  scopeBusy(scope: BusyScope): void {
    this.scopes.add(scope);
  }

  scopeQuiet(scope: BusyScope): void {
    this.scopes.delete(scope);
  }

  taskScheduled(task: ScheduledTask): void {
    task.scheduledAt ||= this.clock.date();
    this.#counts.scheduled(task);
    if (!task.isResumed) this.observers.happened('scheduled', task);
  }

  taskStarted(task: ScheduledTask): void {
    this.#counts.started();
    task.startedAt ??= this.clock.date();
    if (task.isAwaited) this.shutdown.started(task);
    this.watches.current?.taskStarted(task);
    this.observers.happened('started', task);
  }

  taskRetrying(task: ScheduledTask, error: Error): void {
    this.#counts.retrying();
    this.#attemptFailed({ type: 'retrying', task, error });
  }

  /** A durable task could not be stored, and runs here. */
  taskFellBack(task: ScheduledTask, error: Error): void {
    this.lines.fellBack(error);
    this.#attemptFailed({ type: 'fallback', task, error });
  }

  taskSettled(
    task: ScheduledTask,
    outcome: TaskOutcome,
    before: TaskStatus,
  ): void {
    task.endedAt = this.clock.date();
    this.#counts.settled(task, before, outcome.status);
    if (this.observers.wants(outcome.status)) {
      this.observers.emit(finalEvent(task, outcome));
    }
    if (outcome.status === 'failed') {
      this.lines.failed(task, outcome.error);
      this.errors.report(task, outcome.error);
    } else if (outcome.status === 'dropped') {
      if (!this.shutdown.note(task)) this.lines.dropped(outcome.reason);
      if (outcome.reason instanceof TaskBacklogFullError) {
        this.errors.report(task, outcome.reason);
      }
    }
    this.#changed();
  }

  taskAwaited(task: ScheduledTask, isAwaited: boolean): void {
    this.#counts.awaited(task, isAwaited);
    if (!isAwaited) this.shutdown.exposed(task);
  }

  refusal(task: ScheduledTask): Error | undefined {
    const reason = this.shutdown.refusal(task);
    if (!reason && task.options.shield) {
      this.#onFirstShielded?.();
      this.#onFirstShielded = undefined;
    }
    return reason;
  }

  #attemptFailed(event: TaskEvent & { readonly error: Error }): void {
    this.watches.current?.attemptFailed(event.task, event.error);
    this.observers.emit(event);
  }

  #changed(): void {
    this.shutdown.changed();
    if (this.#changes.areAwaited && this.#isIdle()) this.#changes.announce();
  }

  #isIdle(): boolean {
    return this.scopes.size === 0 && !this.errors.isBusy();
  }
}
