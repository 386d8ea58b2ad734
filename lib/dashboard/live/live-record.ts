import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { TaskEvent } from '../../core/task/task-event.js';
import type { Task } from '../../core/task/task.js';
import type { ShowArguments } from '../visible-arguments.js';
import type { Numbers } from '../wire/live-message.js';
import type { LiveListener } from './live-listener.js';
import { PendingTasks } from './pending-tasks.js';
import { Rates } from './rates.js';
import { ScopeRecords } from './scope-records.js';
import { SettledTasks } from './settled-tasks.js';
import { isResumed, isSettled, scopeOf, TaskRecord } from './task-record.js';
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
 * scheduled in one turn of the event loop, so an event is only counted and noted;
 * `catchUp()` makes records of what still matters by then.
 */
export class LiveRecord {
  readonly rates = new Rates();
  readonly listeners = new Set<LiveListener>();
  readonly since: number;
  readonly #runtime: TaskRuntime;
  readonly #show: ShowArguments | undefined;
  readonly #scopes: ScopeRecords;
  readonly #pending = new PendingTasks();
  /** Also those that have settled since the last `catchUp()`. */
  readonly #unsettled = new Map<Task, TaskRecord>();
  readonly #settled: SettledTasks;
  #count = 0;
  #left = 0;
  /** Whether there are unsettled tasks that are neither recorded nor pending. */
  #hasMissed = false;
  /** Whether no more tasks can be pending before the next `catchUp()`. */
  #isFull = false;

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
    for (const task of this.#runtime.unsettledTasks()) {
      // Only now is it known whether one that was tried runs, or waits for a retry.
      if (task.attempt > 0) this.#recordOf(task);
      else this.#arrived(task);
    }
    this.#runtime.observers.add(this.#observe);
    this.#runtime.watches.add(this.#scopes);
  }

  stop(): void {
    this.#runtime.observers.remove(this.#observe);
    this.#runtime.watches.remove(this.#scopes);
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
    this.#recordPending(slice);
    const room = MAX_UNSETTLED - this.#unsettled.size;
    this.#left = Math.min(this.#pending.size, room);
    this.#isFull = false;
    if (this.#hasMissed) this.#hasMissed = !this.#knowsAll();
    this.#settled.write(slice);
  }

  readonly #observe = (event: TaskEvent): void => {
    const { task } = event;
    switch (event.type) {
      case 'scheduled':
        this.rates.scheduled(task);
        return this.#arrived(task);
      case 'started':
        return this.#started(task);
      case 'progress':
        return;
      case 'retrying':
      case 'fallback': {
        const { startedAt } = task;
        const record = this.#recordOf(task);
        record?.attemptEnded(event.error, startedAt, this.#now());
        if (record) this.#taskChanged(record);
        return;
      }
      default:
        this.#settle(event);
    }
  };

  #now(): number {
    return this.#runtime.clock.date();
  }

  #arrived(task: Task): void {
    const scope = this.#scopeNumber(task);
    if (this.#pending.size < MAX_UNSETTLED || this.#makeRoom()) {
      this.#pending.add(task, scope);
    } else {
      this.#hasMissed = true;
    }
  }

  #started(task: Task): void {
    this.rates.started(task);
    const record = this.#unsettled.get(task);
    if (record) {
      record.started(this.#now());
      this.#taskChanged(record);
    } else if (this.#hasMissed || isResumed(task)) {
      this.#arrived(task);
    }
  }

  #settle(event: TaskEvent): void {
    this.rates.settled(event);
    const pending = this.#pending.removeOldest(event.task);
    const displaced = this.#settled.note(event, pending);
    if (!displaced) return;
    const { task } = displaced;
    const record = this.#unsettled.get(task);
    if (!record) return;
    this.#unsettled.delete(task);
    this.#taskGone(record);
  }

  /** `false` when too many are unsettled, and until the next `catchUp()`. */
  #makeRoom(): boolean {
    if (this.#isFull) return false;
    this.#recordPending(new TimeSlice());
    // If little was gained, the next time would soon come.
    this.#isFull = this.#pending.size > MAX_UNSETTLED / 2;
    return this.#pending.size < MAX_UNSETTLED;
  }

  /** Pending tasks that have settled are recorded only if they are among the last. */
  #recordPending(slice: TimeSlice): void {
    const ends = this.#settled.takeNoted();
    const settled = new Map(
      ends.map(({ event: { task }, pending }) => [
        task,
        this.#unsettled.get(task) ??
          (pending && this.#newRecord(task, pending.scope)),
      ]),
    );
    this.#pending.sift((task, scope) => {
      if (isSettled(task)) {
        if (settled.has(task) && !settled.get(task)) {
          settled.set(task, this.#newRecord(task, scope));
        }
        return false;
      }
      if (this.#unsettled.has(task)) return false;
      if (this.#unsettled.size >= MAX_UNSETTLED || slice.isOver()) return true;
      this.#record(task, scope);
      return false;
    });
    for (const { event } of ends) {
      const { task } = event;
      this.#recordEnd(event, settled.get(task) ?? this.#newRecord(task));
    }
  }

  #recordEnd(event: TaskEvent, record: TaskRecord): void {
    this.#unsettled.delete(event.task);
    record.settled(event);
    this.#taskChanged(record);
    const displaced = this.#settled.keep(event, record);
    if (displaced) this.#taskGone(displaced);
  }

  #knowsAll(): boolean {
    const { scheduled, running } = this.#runtime.stats;
    return scheduled + running <= this.#unsettled.size + this.#pending.size;
  }

  /** The record of an unsettled task; a new one only if there is room. */
  #recordOf(task: Task): TaskRecord | undefined {
    const known = this.#unsettled.get(task);
    if (known || this.#unsettled.size >= MAX_UNSETTLED) return known;
    return this.#record(task, this.#scopeNumber(task));
  }

  #record(task: Task, scope: number | undefined): TaskRecord {
    const record = this.#newRecord(task, scope);
    this.#unsettled.set(task, record);
    return record;
  }

  #newRecord(task: Task, scope?: number): TaskRecord {
    const record = new TaskRecord(++this.#count, task, scope, this.#show);
    this.#taskChanged(record);
    return record;
  }

  #scopeNumber(task: Task): number | undefined {
    return this.#scopes.numberOf(scopeOf(task));
  }

  #taskChanged(record: TaskRecord): void {
    for (const listener of this.listeners) listener.taskChanged(record);
  }

  #taskGone(record: TaskRecord): void {
    for (const listener of this.listeners) listener.taskGone(record);
  }
}
