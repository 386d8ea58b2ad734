import type { RouteVerdict } from './phase-queue.js';
import type { ScheduledTask, Underway } from './scheduled-task.js';
import { Waiter } from './waiting-line.js';

/**
 * A task that waits, first for its moment and then for a slot, with the async context
 * of its `schedule()`.
 */
export class WaitingTask extends Waiter implements Underway {
  readonly task: ScheduledTask;
  /** How its moment came. */
  verdict: RouteVerdict = 'success';

  constructor(task: ScheduledTask) {
    super();
    this.task = task;
    task.underway = this;
  }

  /** The one that the task has, or a new one, in the async context of the caller. */
  static of(task: ScheduledTask): WaitingTask {
    const { underway } = task;
    return underway instanceof WaitingTask ? underway : new WaitingTask(task);
  }

  /** Its moment has come. */
  begin(): void {
    const { task, verdict } = this;
    this.runInAsyncScope(task.due, task, verdict);
  }

  interrupt(): void {
    this.leave();
  }
}
