import { WaitingLine } from '../base/waiting-line.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import { WaitingTask } from '../running/waiting-task.js';
import type { RouteVerdict } from '../task/task-phase.js';
import type { DueTasks } from './due-tasks.js';

/**
 * The tasks of one phase of a route, first in, first out: held until the phase is
 * released, due at once from then on.
 */
export class PhaseQueue {
  readonly #due: DueTasks;
  readonly #held = new WaitingLine<WaitingTask>();
  /** `undefined` while tasks are held. */
  #verdict: RouteVerdict | undefined;

  constructor(due: DueTasks, verdict: RouteVerdict | undefined) {
    this.#due = due;
    this.#verdict = verdict;
  }

  push(task: ScheduledTask): void {
    const waiting = new WaitingTask(task);
    if (this.#verdict) this.#due.push(waiting, this.#verdict);
    else this.#held.push(waiting);
  }

  /** Makes the held tasks due, and those that follow. */
  release(verdict: RouteVerdict): void {
    this.#verdict = verdict;
    for (
      let waiting = this.#held.shift();
      waiting;
      waiting = this.#held.shift()
    ) {
      this.#due.push(waiting, verdict);
    }
  }

  /** Holds the tasks that follow, until the next release. */
  hold(): void {
    this.#verdict = undefined;
  }
}
