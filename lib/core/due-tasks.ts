import { nextMicrotask, type Clock } from './clock.js';
import type { RouteVerdict } from './phase-queue.js';
import { WaitingLine } from './waiting-line.js';
import type { WaitingTask } from './waiting-task.js';

/** For how many tasks their moment may come in one turn of the event loop. */
const MOMENTS_PER_TURN = 1_000;

/**
 * The tasks of an application whose moment has come. Each begins in the next
 * microtask, never inside the call that brought it here, in the order in which they
 * came, and in its own async context. Only thousands are spread over further turns of
 * the event loop.
 */
export class DueTasks {
  readonly #clock: Clock;
  readonly #line = new WaitingLine<WaitingTask>();
  #isPassing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(waiting: WaitingTask, verdict: RouteVerdict): void {
    waiting.verdict = verdict;
    this.#line.push(waiting);
    if (this.#isPassing) return;
    this.#isPassing = true;
    nextMicrotask(() => this.#pass());
  }

  #pass(): void {
    for (let left = MOMENTS_PER_TURN; left > 0; left -= 1) {
      const waiting = this.#line.shift();
      if (!waiting) {
        this.#isPassing = false;
        return;
      }
      waiting.begin();
    }
    this.#clock.nextTurn(() => this.#pass());
  }
}
