import { Waiter } from '../base/waiting-line.js';
import type { RouteVerdict } from '../task/task-phase.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { Underway } from './task-extras.js';

/**
 * A task that waits, first until it is due and then for a slot, in the async context
 * of its `schedule()`.
 */
export class WaitingTask extends Waiter implements Underway {
  readonly task: ScheduledTask;
  /** The verdict of the route that made it due. */
  verdict: RouteVerdict = 'success';
  /**
   * Since when it waits for a slot, or was due, by the clock of the application. Not 0
   * before that, or V8 would keep a number of 16 bytes for each task.
   */
  sinceMs: number | undefined;

  constructor(task: ScheduledTask) {
    super();
    this.task = task;
    task.underway = this;
  }

  /** The one that the task has, else a new one in the async context of the caller. */
  static of(task: ScheduledTask): WaitingTask {
    const { underway } = task;
    return underway instanceof WaitingTask ? underway : new WaitingTask(task);
  }

  interrupt(): void {
    this.leave();
  }
}
