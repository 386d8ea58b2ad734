import { ScheduledTask } from '../../core/running/scheduled-task.js';
import type { Task } from '../../core/task/task.js';
import { visibleArguments, type ShowArguments } from '../visible-arguments.js';
import type { ErrorRow, Run, TaskRow } from '../wire/live-message.js';

/** Of a task that is tried again and again. */
const MAX_RUNS = 20;

/**
 * What is known of a task. It lets go of the task, and of its arguments, when that has
 * settled.
 */
export class TaskRecord {
  readonly number: number;
  /** The number of its scope, if it has one. */
  readonly scope: number | undefined;
  readonly #show: ShowArguments | undefined;
  readonly #runs: Run[] = [];
  #task: Task | undefined;
  #error: ErrorRow | undefined;
  #settled: TaskRow | undefined;

  constructor(
    number: number,
    task: Task,
    scope: number | undefined,
    show: ShowArguments | undefined,
  ) {
    this.number = number;
    this.scope = scope;
    this.#task = task;
    this.#show = show;
    const { startedAt } = task;
    if (task.status === 'running' && startedAt) this.#runs.push([startedAt]);
  }

  get hasFailed(): boolean {
    return this.#settled?.status === 'failed';
  }

  get row(): TaskRow {
    if (this.#settled) return this.#settled;
    if (!this.#task) throw new Error('A record has a task or a row.');
    return this.#rowOf(this.#task);
  }

  started(now: number): void {
    this.#runs.push([now]);
    if (this.#runs.length > MAX_RUNS) this.#runs.shift();
  }

  attemptEnded(error: ErrorRow, now: number): void {
    this.#error = error;
    this.#endRun(now);
  }

  settled(task: Task, error: ErrorRow | undefined, now: number): void {
    this.#error = error ?? this.#error;
    this.#endRun(now);
    this.#settled = this.#rowOf(task);
    this.#task = undefined;
  }

  #endRun(now: number): void {
    const last = this.#runs.at(-1);
    if (last && last.length === 1) last.push(now);
  }

  #rowOf(task: Task): TaskRow {
    const { id, name, phase, status, attempt, options, key } = task;
    const { scheduledAt, endedAt, args } = task;
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
      scope: this.scope,
      scheduledAt,
      runs: this.#runs,
      endedAt,
      error: this.#error,
      args: visibleArguments({ id, name, key, args }, this.#show),
    };
  }
}

/** The scope of a task that has not settled. */
export function scopeOf(task: Task): object | undefined {
  return task instanceof ScheduledTask ? task.home?.scope : undefined;
}
