import { isThenable } from './settled.js';
import type { TaskEvent, TaskObserver } from './task-event.js';
import type { TaskLog } from './task-log.js';
import { messageOf } from './to-error.js';

/** Tells observers what happens; what they do in turn changes nothing. */
export class Observers {
  readonly #observers: readonly TaskObserver[];
  readonly #log: TaskLog;

  constructor(observers: readonly TaskObserver[], log: TaskLog) {
    this.#observers = observers;
    this.#log = log;
  }

  /** Whether anybody listens: without, no event need be made. */
  get any(): boolean {
    return this.#observers.length > 0;
  }

  tell(event: TaskEvent): void {
    for (const observer of this.#observers) {
      try {
        // An async function is an observer too, as far as types can tell.
        const result: unknown = observer(event);
        if (isThenable(result)) {
          Promise.resolve(result).then(undefined, (error: unknown) =>
            this.#failed(event, error),
          );
        }
      } catch (error) {
        this.#failed(event, error);
      }
    }
  }

  #failed(event: TaskEvent, error: unknown): void {
    this.#log.error(
      `An observer failed with "${messageOf(error)}" when told of "${event.type}" of task "${event.task.name}" (${event.task.id}).`,
      error,
    );
  }
}
