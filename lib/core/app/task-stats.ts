import type { ScheduledTask } from '../running/scheduled-task.js';
import type { TaskStatus } from '../task/task-outcome.js';

/**
 * The number of an application's tasks by status: of those that are `scheduled` or
 * `running` now, and of all that have ended since it started.
 *
 * @publicApi
 */
export type TaskStats = Readonly<Record<TaskStatus, number>>;

/** Counts the tasks of an application. */
export class TaskCounts {
  readonly #byStatus: Record<TaskStatus, number> = {
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

  /** The shielded tasks that have not settled. */
  get shielded(): number {
    return this.#shielded;
  }

  scheduled(task: ScheduledTask): void {
    this.#byStatus.scheduled += 1;
    if (task.isShielded) this.#shielded += 1;
  }

  /** A response that waits for a task shields it. */
  awaited(task: ScheduledTask, isAwaited: boolean): void {
    const wasShielded = task.isShielded;
    task.isAwaited = isAwaited;
    this.#shielded += Number(task.isShielded) - Number(wasShielded);
  }

  // Constant names where they are known: looking one up by value is slow.
  started(): void {
    this.#byStatus.scheduled -= 1;
    this.#byStatus.running += 1;
  }

  retrying(): void {
    this.#byStatus.running -= 1;
    this.#byStatus.scheduled += 1;
  }

  settled(task: ScheduledTask, before: TaskStatus, after: TaskStatus): void {
    if (before === 'running') this.#byStatus.running -= 1;
    else this.#byStatus.scheduled -= 1;
    if (after === 'succeeded') this.#byStatus.succeeded += 1;
    else this.#byStatus[after] += 1;
    if (task.isShielded) this.#shielded -= 1;
  }

  /** @param hasEngine whether tasks can end as `enqueued`, so that the count is worth showing */
  stats(hasEngine: boolean): TaskStats {
    const { enqueued, ...others } = this.#byStatus;
    return Object.defineProperty(others as TaskStats, 'enqueued', {
      value: enqueued,
      enumerable: hasEngine,
    });
  }
}
