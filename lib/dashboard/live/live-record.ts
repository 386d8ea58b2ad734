import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { ResponseEnd, RouteEnd } from '../../core/scope/route-end.js';
import type { ScopeWatch, WatchedScope } from '../../core/scope/scope-watch.js';
import type { TaskOutcome } from '../../core/task/task-outcome.js';
import type { Task } from '../../core/task/task.js';
import type { ShowArguments } from '../visible-arguments.js';
import type { Numbers } from '../wire/live-message.js';
import type { LiveListener } from './live-listener.js';
import { Rates } from './rates.js';
import { ScopeRecords } from './scope-records.js';
import { SettledTasks, type TaskEnd } from './settled-tasks.js';
import { isResumed, scopeOf, TaskRecord } from './task-record.js';
import { TimeSlice } from './time-slice.js';

/** Beyond them, unsettled tasks are counted only. */
const MAX_UNSETTLED = 20_000;

export interface LiveLimits {
  readonly maxScopes: number;
  readonly maxSettled: number;
  readonly show?: ShowArguments | undefined;
}

/**
 * What has happened to the tasks and scopes of this process since `start()`: the unsettled
 * tasks, the last settled and failed ones, and the last scopes. Thousands of tasks may be
 * scheduled in one turn of the event loop, so what comes is only counted, and what ends is
 * only noted; `catchUp()` makes records of what still matters by then.
 */
export class LiveRecord implements ScopeWatch {
  readonly rates = new Rates();
  readonly listeners = new Set<LiveListener>();
  readonly since: number;
  readonly #runtime: TaskRuntime;
  readonly #show: ShowArguments | undefined;
  readonly #scopes: ScopeRecords;
  /** Also those that have settled since the last `catchUp()`. */
  readonly #unsettled = new Map<Task, TaskRecord>();
  readonly #settled: SettledTasks;
  #count = 0;
  #left = 0;

  constructor(runtime: TaskRuntime, limits: LiveLimits) {
    const { maxSettled, maxScopes, show } = limits;
    this.#runtime = runtime;
    this.#show = show;
    this.#scopes = new ScopeRecords(runtime.clock, this.listeners, maxScopes);
    this.#settled = new SettledTasks(maxSettled);
    this.since = runtime.clock.date();
  }

  /** How many tasks wait for the next `catchUp()`, of those that can be recorded. */
  get left(): number {
    return this.#left;
  }

  /** Whether `catchUp()` ended before it was done. */
  get isBehind(): boolean {
    return this.#left > 0 || !this.#settled.isWritten;
  }

  /** Begins to record, with the tasks that have not settled. */
  start(): void {
    for (const task of this.#runtime.scopes.tasks()) {
      const scope = scopeOf(task);
      if (scope) this.#scopes.scheduled(scope);
      // Only now is it known whether one that was tried runs, or waits for a retry.
      if (task.attempt > 0) this.#recordOf(task);
    }
    this.#runtime.watches.add(this);
  }

  stop(): void {
    this.#runtime.watches.remove(this);
  }

  /** All that is known, for a listener that is new. */
  replay(listener: LiveListener): void {
    for (const scope of this.#scopes.shown) listener.scopeChanged(scope);
    for (const task of this.#settled.records) listener.taskChanged(task);
    for (const task of this.#unsettled.values()) listener.taskChanged(task);
  }

  numbers(): Numbers {
    const { stats, runner } = this.#runtime;
    const { size: waiting, oldestMs: oldestWaitMs } = runner.backlog;
    return { ...stats, enqueued: stats.enqueued, waiting, oldestWaitMs };
  }

  /** The task with this id, if it is known and has not settled. */
  unsettled(id: string): Task | undefined {
    for (const task of this.#unsettled.keys()) if (task.id === id) return task;
    return undefined;
  }

  /**
   * Records what has happened since the last time. It keeps the event loop busy for
   * about a millisecond, and `isBehind` is true while there is more to do.
   */
  catchUp(): void {
    const slice = new TimeSlice();
    this.#scopes.forgetLatest();
    for (const end of this.#settled.takeNoted()) this.#recordEnd(end);
    this.#recordUnsettled();
    this.#settled.write(slice);
  }

  handlerStarted(scope: WatchedScope): void {
    this.#scopes.handlerStarted(scope);
  }

  handlerEnded(scope: WatchedScope, end: RouteEnd): void {
    this.#scopes.handlerEnded(scope, end);
  }

  responseEnded(scope: WatchedScope, end: ResponseEnd): void {
    this.#scopes.responseEnded(scope, end);
  }

  taskScheduled(scope: WatchedScope, task: Task): void {
    this.#scopes.scheduled(scope);
    if (!isResumed(task)) this.rates.scheduled(task);
  }

  taskStarted(task: Task): void {
    this.rates.started(task);
    const record = this.#unsettled.get(task);
    if (!record) return;
    record.started(this.#now());
    this.#taskChanged(record);
  }

  attemptFailed(task: Task, error: Error): void {
    const { startedAt } = task;
    const record = this.#recordOf(task);
    record?.attemptEnded(error, startedAt, this.#now());
    if (record) this.#taskChanged(record);
  }

  taskSettled(scope: WatchedScope, task: Task, outcome: TaskOutcome): void {
    this.rates.settled(task, outcome);
    const number = this.#scopes.numberOf(scope);
    const displaced = this.#settled.note({ task, outcome, scope: number });
    const record = displaced && this.#unsettled.get(displaced.task);
    if (!record) return;
    this.#unsettled.delete(displaced.task);
    this.#taskGone(record);
  }

  #now(): number {
    return this.#runtime.clock.date();
  }

  #recordEnd({ task, outcome, scope }: TaskEnd): void {
    const record = this.#unsettled.get(task) ?? this.#newRecord(task, scope);
    this.#unsettled.delete(task);
    record.settled(outcome);
    this.#taskChanged(record);
    const displaced = this.#settled.keep(outcome, record);
    if (displaced) this.#taskGone(displaced);
  }

  /** Those that are not yet recorded come after those that are. */
  #recordUnsettled(): void {
    const { scheduled, running } = this.#runtime.stats;
    const recordable = Math.min(scheduled + running, MAX_UNSETTLED);
    this.#left = recordable - this.#unsettled.size;
    if (this.#left <= 0) return;
    let slice: TimeSlice | undefined;
    for (const task of this.#runtime.scopes.tasks()) {
      if (this.#unsettled.has(task)) continue;
      // Not before: to pass by thousands that are recorded may take as long.
      slice ??= new TimeSlice();
      if (this.#left === 0 || slice.isOver()) return;
      this.#record(task);
      this.#left -= 1;
    }
    this.#left = 0;
  }

  /** The record of an unsettled task; a new one only if there is room. */
  #recordOf(task: Task): TaskRecord | undefined {
    const known = this.#unsettled.get(task);
    if (known || this.#unsettled.size >= MAX_UNSETTLED) return known;
    return this.#record(task);
  }

  #record(task: Task): TaskRecord {
    const scope = scopeOf(task);
    const number = scope && this.#scopes.numberOf(scope);
    const record = this.#newRecord(task, number);
    this.#unsettled.set(task, record);
    return record;
  }

  #newRecord(task: Task, scope: number | undefined): TaskRecord {
    const record = new TaskRecord(++this.#count, task, scope, this.#show);
    this.#taskChanged(record);
    return record;
  }

  #taskChanged(record: TaskRecord): void {
    for (const listener of this.listeners) listener.taskChanged(record);
  }

  #taskGone(record: TaskRecord): void {
    for (const listener of this.listeners) listener.taskGone(record);
  }
}
