import { nextMicrotask, type Clock } from '../base/clock.js';
import { toError } from '../base/to-error.js';
import { WaitingLine } from '../base/waiting-line.js';
import type { WaitingTask } from '../running/waiting-task.js';
import type { RouteVerdict } from '../task/task-phase.js';

/** How many due tasks are handed over in one turn of the event loop. */
const TASKS_PER_TURN = 1_000;

/**
 * The tasks of an application that are due. Each is handed to its route in the next
 * microtask, never inside the call that made it due, in order and in its own async
 * context. Only thousands at once are spread over further turns of the event loop.
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
    // One that is alone reads the clock itself if it has to wait for a slot.
    const nowMs = this.#line.size > 1 ? this.#clock.now() : undefined;
    for (let left = TASKS_PER_TURN; left > 0; left -= 1) {
      const waiting = this.#line.shift();
      if (!waiting) {
        this.#isPassing = false;
        return;
      }
      waiting.sinceMs = nowMs;
      this.#handOver(waiting);
    }
    this.#clock.nextTurn(() => this.#pass());
  }

  /** Whatever is thrown here fails one task, and the others follow. */
  #handOver(waiting: WaitingTask): void {
    const { task, verdict } = waiting;
    const { home } = task;
    if (!home) return;
    try {
      waiting.runInAsyncScope(home.due, home, task, verdict);
    } catch (thrown) {
      task.settle({ status: 'failed', error: toError(thrown, task.name) });
    }
  }
}
