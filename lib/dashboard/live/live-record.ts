import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { ResponseEnd, RouteEnd } from '../../core/scope/route-end.js';
import type { ScopeWatch, WatchedScope } from '../../core/scope/scope-watch.js';
import type { TaskEvent } from '../../core/task/task-event.js';
import type { Task } from '../../core/task/task.js';
import type { ShowArguments } from '../visible-arguments.js';
import type { Numbers } from '../wire/live-message.js';
import { errorRow } from './error-row.js';
import { RecentDurations } from './recent-durations.js';
import { ScopeRecord } from './scope-record.js';
import { scopeOf, TaskRecord } from './task-record.js';
import { Throughput } from './throughput.js';

/** Beyond them, unsettled tasks are counted only. */
const MAX_UNSETTLED = 20_000;
const MAX_FAILED = 200;

export interface LiveLimits {
  readonly maxScopes: number;
  readonly maxSettled: number;
  readonly show?: ShowArguments | undefined;
}

/** Notified of the records that have changed, and of those that are no longer kept. */
export interface LiveListener {
  taskChanged(record: TaskRecord): void;
  taskGone(record: TaskRecord): void;
  scopeChanged(record: ScopeRecord): void;
  scopeGone(record: ScopeRecord): void;
}

/**
 * What has happened to the tasks and scopes of this process since `start()`: the unsettled
 * tasks, the last settled and failed ones, and the last scopes.
 */
export class LiveRecord implements ScopeWatch {
  readonly throughput = new Throughput();
  readonly waits = new RecentDurations();
  readonly runs = new RecentDurations();
  readonly listeners = new Set<LiveListener>();
  readonly since: number;
  readonly #runtime: TaskRuntime;
  readonly #limits: LiveLimits;
  readonly #unsettled = new Map<Task, TaskRecord>();
  readonly #settled = new Set<TaskRecord>();
  readonly #failed = new Set<TaskRecord>();
  readonly #scopes = new Set<ScopeRecord>();
  #byScope = new WeakMap<object, ScopeRecord>();
  #count = 0;

  constructor(runtime: TaskRuntime, limits: LiveLimits) {
    this.#runtime = runtime;
    this.#limits = limits;
    this.since = Date.now();
  }

  /** Begins to record, with the tasks that have not settled. */
  start(): void {
    for (const task of this.#runtime.unsettledTasks()) this.#taskOf(task);
    this.#runtime.observers.add(this.#observe);
    this.#runtime.watches.add(this);
  }

  stop(): void {
    this.#runtime.observers.remove(this.#observe);
    this.#runtime.watches.remove(this);
  }

  /** All that is known, for a listener that is new. */
  replay(listener: LiveListener): void {
    for (const scope of this.#scopes) listener.scopeChanged(scope);
    for (const kept of [this.#failed, this.#settled]) {
      for (const task of kept) listener.taskChanged(task);
    }
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

  handlerStarted(scope: WatchedScope): void {
    this.#scopeOf(scope);
  }

  handlerEnded(scope: WatchedScope, end: RouteEnd): void {
    const record = this.#scopeOf(scope);
    record?.handlerEnded(end, Date.now());
    this.#scopeChanged(record);
  }

  responseEnded(scope: WatchedScope, end: ResponseEnd): void {
    const record = this.#byScope.get(scope);
    record?.responseEnded(end, Date.now());
    this.#scopeChanged(record);
  }

  readonly #observe = (event: TaskEvent): void => {
    const { task } = event;
    const now = Date.now();
    const record = this.#taskOf(task);
    switch (event.type) {
      case 'scheduled':
        this.throughput.count('scheduled', now);
        break;
      case 'started':
        record?.started(now);
        if (task.attempt === 1) this.waits.add(now - task.scheduledAt, now);
        break;
      case 'progress':
        return;
      case 'retrying':
      case 'fallback':
        record?.attemptEnded(errorRow(event.error), now);
        break;
      default:
        return this.#settle(event, record, now);
    }
    if (record) this.#taskChanged(record);
  };

  #settle(event: TaskEvent, known: TaskRecord | undefined, now: number): void {
    const { task, type } = event;
    const record = known ?? this.#newTask(task);
    const isPlain = type === 'succeeded' || type === 'failed';
    this.throughput.count(isPlain ? type : 'other', now);
    if (isPlain && task.startedAt) this.runs.add(now - task.startedAt, now);
    this.#unsettled.delete(task);
    record.settled(task, reasonOf(event), now);
    const kept = type === 'failed' ? this.#failed : this.#settled;
    kept.add(record);
    this.#taskChanged(record);
    const { maxSettled } = this.#limits;
    const evicted = first(
      kept,
      type === 'failed' ? Math.min(MAX_FAILED, maxSettled) : maxSettled,
    );
    if (!evicted) return;
    for (const listener of this.listeners) listener.taskGone(evicted);
  }

  #taskOf(task: Task): TaskRecord | undefined {
    const known = this.#unsettled.get(task);
    if (known || this.#unsettled.size >= MAX_UNSETTLED) return known;
    const record = this.#newTask(task);
    if (!isSettled(task)) this.#unsettled.set(task, record);
    return record;
  }

  #newTask(task: Task): TaskRecord {
    const scope = scopeOf(task);
    const { number } = (scope && this.#showScope(scope)) ?? {};
    return new TaskRecord(++this.#count, task, number, this.#limits.show);
  }

  #scopeOf(scope: WatchedScope): ScopeRecord | undefined {
    const known = this.#byScope.get(scope);
    if (known || !scope.origin) return known;
    const record = new ScopeRecord(++this.#count, scope.origin, Date.now());
    this.#byScope.set(scope, record);
    return record;
  }

  /** A scope is shown from its first task on. */
  #showScope(scope: WatchedScope | object): ScopeRecord | undefined {
    const record = this.#scopeOf(scope as WatchedScope);
    if (!record || record.isShown) return record;
    record.isShown = true;
    this.#scopes.add(record);
    this.#scopeChanged(record);
    const evicted = first(this.#scopes, this.#limits.maxScopes);
    if (evicted) {
      evicted.isShown = false;
      for (const listener of this.listeners) listener.scopeGone(evicted);
    }
    return record;
  }

  #taskChanged(record: TaskRecord): void {
    for (const listener of this.listeners) listener.taskChanged(record);
  }

  #scopeChanged(record: ScopeRecord | undefined): void {
    if (!record?.isShown) return;
    for (const listener of this.listeners) listener.scopeChanged(record);
  }
}

function isSettled({ status }: Task): boolean {
  return status !== 'scheduled' && status !== 'running';
}

function reasonOf(event: TaskEvent) {
  if ('error' in event) return errorRow(event.error);
  return 'reason' in event ? errorRow(event.reason) : undefined;
}

/** Removes the first member if there are more than these. */
function first<T>(kept: Set<T>, limit: number): T | undefined {
  if (kept.size <= limit) return undefined;
  for (const member of kept) {
    kept.delete(member);
    return member;
  }
  return undefined;
}
