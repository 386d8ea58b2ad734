import { AppResources } from './app-resources.js';
import { systemClock, type Clock } from './clock.js';
import type { DeclaredTasks } from './declared-task.js';
import { DueTasks } from './due-tasks.js';
import { DurableTask, type DurableTasks } from './durable-task.js';
import { ErrorReporting, type ResolveReporter } from './error-reporting.js';
import { TaskBacklogFullError } from './errors.js';
import { Observers } from './observers.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { BusyScope, ScopeHost } from './scope-host.js';
import { Shutdown, type ShutdownHost } from './shutdown.js';
import { containedLog, type TaskLog } from './task-log.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { AfterRouteSettings, AwaitedTasks } from './after-route-drain.js';
import type { TaskEvent, TaskObserver } from './task-event.js';
import type { RunnerLimits } from './task-runner.js';
import type { OnError } from './task-options.js';
import type { PhaseDefaults } from './task-scheduler.js';
import { TaskScope } from './task-scope.js';
import {
  resolveTaskSettings,
  type ResolvedTaskSettings,
  type TaskSettings,
} from './task-settings.js';
import type { Task } from './task.js';
import { messageOf } from './to-error.js';

export interface TaskRuntimeParts {
  readonly settings: TaskSettings;
  readonly log: TaskLog;
  readonly resolveReporter: ResolveReporter;
  readonly clock?: Clock | undefined;
  /** Makes what knows the declared tasks, whose options start from these. */
  readonly createRegistry: (defaults: PhaseDefaults) => DeclaredTasks;
  /** Makes what stores durable tasks, in an application that has an engine for them. */
  readonly createDurable?: ((host: TaskRuntime) => DurableTasks) | undefined;
  /** Called when the first shielded task is accepted. */
  readonly onFirstShielded?: (() => void) | undefined;
  /** What a response waits for; without it, what the settings say. */
  readonly awaited?: AwaitedTasks | undefined;
  /** Makes what runs the tasks whose moment has come. */
  readonly createEngine: (
    limits: RunnerLimits,
    clock: Clock,
    log: TaskLog,
  ) => Pick<ScopeHost, 'submit' | 'follow'>;
}

/**
 * The counts of an application's tasks: of those that are `scheduled` or `running`
 * now, and of all that have ended since it started, by their last status.
 *
 * @publicApi
 */
export type TaskStats = Readonly<Record<TaskStatus, number>>;

/**
 * The tasks of one application: opens scopes, counts, and passes on what happens
 * to a task: to observers, to the log, to error handlers and to the shutdown.
 */
export class TaskRuntime implements ScopeHost, ShutdownHost {
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly settings: ResolvedTaskSettings;
  readonly afterRoute: AfterRouteSettings;
  readonly resources: AppResources;
  readonly due: DueTasks;
  readonly shutdown: Shutdown;
  readonly declaredTasks: DeclaredTasks;
  readonly durable: DurableTasks | undefined;

  readonly #engine: Pick<ScopeHost, 'submit' | 'follow'>;
  readonly #observers: Observers;
  readonly #errors: ErrorReporting;
  readonly #busyScopes = new Set<BusyScope>();
  readonly #stats: Record<TaskStatus, number> = {
    scheduled: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    dropped: 0,
    enqueued: 0,
  };
  #shielded = 0;
  #onFirstShielded: (() => void) | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(parts: TaskRuntimeParts) {
    this.clock = parts.clock ?? systemClock;
    this.due = new DueTasks(this.clock);
    this.#onFirstShielded = parts.onFirstShielded;
    this.log = containedLog(parts.log);
    this.settings = resolveTaskSettings(parts.settings);
    const { afterRoute } = this.settings;
    this.afterRoute = {
      ...afterRoute,
      awaited: parts.awaited ?? afterRoute.awaited,
    };
    this.resources = new AppResources(this);
    this.shutdown = new Shutdown(this, this.settings.shutdown);
    this.declaredTasks = parts.createRegistry(this.settings.defaults);
    this.#engine = parts.createEngine(this.settings, this.clock, this.log);
    this.durable = parts.createDurable?.(this);
    this.#observers = new Observers(this.settings.observers, this.log);
    this.#errors = new ErrorReporting(
      (task) => this.#errorHandlersOf(task),
      parts.resolveReporter,
      this.log,
      () => this.#changed(),
    );
  }

  get defaults(): PhaseDefaults {
    return this.settings.defaults;
  }

  get stats(): TaskStats {
    const { enqueued, ...others } = this.#stats;
    // Only an engine has tasks end so: without one, nobody need see the count.
    return Object.defineProperty(others as TaskStats, 'enqueued', {
      value: enqueued,
      enumerable: this.durable !== undefined,
    });
  }

  get shielded(): number {
    return this.#shielded;
  }

  openScope(): TaskScope {
    return new TaskScope(this);
  }

  /** A scope for work that belongs to no request. */
  openEndlessScope(): TaskScope {
    return new TaskScope(this, true);
  }

  /** The tasks whose error handlers are running. */
  get tasksInHandlers(): ReadonlySet<Task> {
    return this.#errors.tasks;
  }

  /** Whether tasks wait for nothing but the end of a response. */
  get awaitsResponses(): boolean {
    return [...this.#busyScopes].some(({ awaitsResponse }) => awaitsResponse);
  }

  /** Tells one more observer of every event from now on. */
  observe(observer: TaskObserver): void {
    this.#observers.add(observer);
  }

  /** Resolves when no error handler is running, or none of these tasks. */
  handled(tasks?: ReadonlySet<Task>): Promise<void> {
    return this.#errors.quiet(tasks);
  }

  /** Resolves when no task is queued or running and no error handler is running. */
  async idle(): Promise<void> {
    // Again, as who waited for the last task may have scheduled another one.
    while (!this.#isIdle()) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  unsettledTasks(): ScheduledTask[] {
    return [...this.#busyScopes].flatMap(({ unsettled }) => unsettled);
  }

  hasRunningHandlers(except: ReadonlyMap<Task, unknown>): boolean {
    return this.#errors.isBusy(except);
  }

  scopeOpened(scope: BusyScope): void {
    const { waitUntil } = this.settings;
    if (!waitUntil) return;
    try {
      waitUntil(this.#over(scope));
    } catch (error) {
      this.log.error(
        `The \`waitUntil\` of TasksModule failed: ${messageOf(error)}`,
        error,
      );
    }
  }

  scopeBusy(scope: BusyScope): void {
    this.#busyScopes.add(scope);
  }

  scopeQuiet(scope: BusyScope): void {
    this.#busyScopes.delete(scope);
  }

  taskScheduled(task: ScheduledTask): void {
    this.#stats.scheduled += 1;
    if (task.isShielded) this.#shielded += 1;
    if (!task.isResumed && this.#observers.listen('scheduled')) {
      this.#observers.tell({ type: 'scheduled', task });
    }
  }

  taskStarted(task: ScheduledTask): void {
    this.#stats.scheduled -= 1;
    this.#stats.running += 1;
    if (task.attempt === 1) task.startedAtMs = Math.round(this.clock.now());
    if (this.#observers.listen('started')) {
      this.#observers.tell({ type: 'started', task });
    }
  }

  taskRetrying(task: ScheduledTask, error: Error): void {
    this.#stats.running -= 1;
    this.#stats.scheduled += 1;
    if (this.#observers.listen('retrying')) {
      this.#observers.tell({ type: 'retrying', task, error });
    }
  }

  taskSettled(
    task: ScheduledTask,
    outcome: TaskOutcome,
    before: TaskStatus,
  ): void {
    this.#stats[before] -= 1;
    this.#stats[outcome.status] += 1;
    if (task.isShielded) this.#shielded -= 1;
    if (this.#observers.listen(outcome.status)) {
      this.#observers.tell(finalEvent(task, outcome));
    }
    if (outcome.status === 'failed') {
      this.#logFailure(task, outcome.error);
      this.#errors.report(task, outcome.error);
    } else if (outcome.status === 'dropped') {
      this.#logDrop(task, outcome.reason);
      if (outcome.reason instanceof TaskBacklogFullError) {
        this.#errors.report(task, outcome.reason);
      }
    }
    this.#changed();
  }

  refusal(task: ScheduledTask): Error | undefined {
    const reason = this.shutdown.refusal(task);
    if (!reason && task.options.shield) {
      this.#onFirstShielded?.();
      this.#onFirstShielded = undefined;
    }
    return reason;
  }

  /** A durable task could not be stored, and runs here. */
  taskFellBack(task: ScheduledTask, error: Error): void {
    if (this.#observers.listen('fallback')) {
      this.#observers.tell({ type: 'fallback', task, error });
    }
  }

  submit(task: ScheduledTask): void {
    if (task instanceof DurableTask && this.durable) this.durable.store(task);
    else this.run(task);
  }

  /** Runs a task in this process. */
  run(task: ScheduledTask): void {
    this.#engine.submit(task);
  }

  follow(task: ScheduledTask): void {
    this.#engine.follow(task);
  }

  async #over(scope: BusyScope): Promise<void> {
    await scope.closed();
    await this.#errors.quiet();
  }

  /** The task's own handlers, or else those of the application; and the declared ones. */
  #errorHandlersOf(task: ScheduledTask): OnError {
    const onError = task.options.onError ?? this.settings.onError ?? [];
    const declared = this.declaredTasks.errorHandlersOf(task, task.declared);
    return declared.length > 0 ? [onError, declared].flat() : onError;
  }

  #logFailure(task: ScheduledTask, error: Error): void {
    const tookMs = this.clock.now() - task.startedAtMs;
    this.log.error(
      `Task "${task.name}" (${task.id}) failed on attempt ${task.attempt}, ${Math.round(tookMs)} ms after its start: ${messageOf(error)}`,
      error,
    );
  }

  #logDrop(task: ScheduledTask, reason: unknown): void {
    if (!this.shutdown.note(task)) this.log.warn(messageOf(reason));
  }

  #changed(): void {
    this.shutdown.changed();
    if (this.#whenIdle.length === 0 || !this.#isIdle()) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#busyScopes.size === 0 && !this.#errors.isBusy();
  }
}

function finalEvent(task: Task, outcome: TaskOutcome): TaskEvent {
  switch (outcome.status) {
    case 'succeeded':
      return { type: 'succeeded', task };
    case 'failed':
      return { type: 'failed', task, error: outcome.error };
    case 'enqueued':
      return { type: 'enqueued', task, jobId: outcome.jobId };
    default:
      return { type: outcome.status, task, reason: outcome.reason };
  }
}
