import type { RouteVerdict } from './phase-queue.js';
import { WaitingLine } from './waiting-line.js';
import type { WaitingTask } from './waiting-task.js';

/**
 * The tasks of an application whose moment has come. Each begins in the next
 * microtask, never inside the call that brought it here, in the order in which they
 * came, and in its own async context.
 */
export class DueTasks {
  readonly #line = new WaitingLine<WaitingTask>();
  #isPassing = false;

  push(waiting: WaitingTask, verdict: RouteVerdict): void {
    waiting.verdict = verdict;
    this.#line.push(waiting);
    if (this.#isPassing) return;
    this.#isPassing = true;
    queueMicrotask(() => this.#pass());
  }

  #pass(): void {
    for (
      let waiting = this.#line.shift();
      waiting;
      waiting = this.#line.shift()
    ) {
      waiting.begin();
    }
    this.#isPassing = false;
  }
}
