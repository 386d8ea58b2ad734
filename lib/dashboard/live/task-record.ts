import { ScheduledTask } from '../../core/running/scheduled-task.js';
import type { WatchedScope } from '../../core/scope/scope-watch.js';
import type { TaskOutcome } from '../../core/task/task-outcome.js';
import type { Task } from '../../core/task/task.js';
import { visibleArguments, type ShowArguments } from '../visible-arguments.js';
import type { Run, TaskRow } from '../wire/live-message.js';
import { errorRow } from './error-row.js';

/** Of a task that is tried again and again. */
const MAX_RUNS = 20;

/**
 * What is known of a task. It lets go of the task, and of its arguments, when its row is
 * written after it has settled.
 */
export class TaskRecord {
  readonly number: number;
  /** The number of its scope, if it has one. */
  readonly #scope: number | undefined;
  readonly #show: ShowArguments | undefined;
  readonly #runs: Run[] = [];
  #task: Task | undefined;
  /** Why it did not succeed, or did not run. */
  #cause: { readonly reason: unknown } | undefined;
  #hasSettled = false;
  #written = '';

  constructor(
    number: number,
    task: Task,
    scope: number | undefined,
    show: ShowArguments | undefined,
  ) {
    this.number = number;
    this.#scope = scope;
    this.#task = task;
    this.#show = show;
    const { startedAt, status } = task;
    if (startedAt && status !== 'scheduled') this.#runs.push([startedAt]);
  }

  /** Whether its last row is written. */
  get isWritten(): boolean {
    return this.#task === undefined;
  }

  /** Its row, as JSON. */
  write(): string {
    if (!this.#task) return this.#written;
    const json = JSON.stringify(this.#rowOf(this.#task));
    if (this.#hasSettled) {
      this.#written = json;
      this.#task = undefined;
      this.#cause = undefined;
    }
    return json;
  }

  started(now: number): void {
    this.#runs.push([now]);
    if (this.#runs.length > MAX_RUNS) this.#runs.shift();
  }

  /** @param startedAt of this attempt, if its start is not known */
  attemptEnded(
    reason: unknown,
    startedAt: number | undefined,
    now: number,
  ): void {
    this.#cause = { reason };
    if (startedAt && this.#runs.at(-1)?.length !== 1) this.started(startedAt);
    this.#endRun(now);
  }

  settled(outcome: TaskOutcome): void {
    if ('error' in outcome) this.#cause = { reason: outcome.error };
    else if ('reason' in outcome) this.#cause = { reason: outcome.reason };
    this.#hasSettled = true;
  }

  #endRun(now: number): void {
    const last = this.#runs.at(-1);
    if (last && last.length === 1) last.push(now);
  }

  #rowOf(task: Task): TaskRow {
    const { id, name, phase, status, attempt, options, key } = task;
    const { scheduledAt, endedAt, args } = task;
    if (endedAt !== undefined) this.#endRun(endedAt);
    return {
      number: this.number,
      id,
      name,
      phase,
      status,
      attempt,
      attempts: 1 + (options.retries ?? 0),
      key,
      isDurable: options.durable === true,
      scope: this.#scope,
      scheduledAt,
      runs: this.#runs,
      endedAt,
      error: this.#cause && errorRow(this.#cause.reason),
      args: visibleArguments({ id, name, key, args }, this.#show),
    };
  }
}

/** The scope of a task that has not settled. */
export function scopeOf(task: Task): WatchedScope | undefined {
  if (!(task instanceof ScheduledTask)) return undefined;
  // Every scope has an origin, or knows that it has none.
  return task.home?.scope as WatchedScope | undefined;
}

/** Whether another process scheduled it, so that no event of this one says so. */
export function isResumed(task: Task): boolean {
  return task instanceof ScheduledTask && task.isResumed;
}
