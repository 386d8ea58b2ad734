import type { DueTasks } from './due-tasks.js';
import type { ScheduledTask } from './scheduled-task.js';
import { WaitingLine } from './waiting-line.js';
import { WaitingTask } from './waiting-task.js';

/** How the route ended, as far as `runOn` cares. */
export type RouteVerdict = 'success' | 'failure';

/**
 * First in, first out, held until the phase is released; from then on tasks pass
 * through.
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

  /** Lets the tasks go, those that wait and those that come. */
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

  /** Holds the tasks that come, until the next release. */
  hold(): void {
    this.#verdict = undefined;
  }
}
