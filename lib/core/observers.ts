import { channel, type Channel } from 'node:diagnostics_channel';
import { isThenable } from './settled.js';
import type { TaskEvent, TaskObserver } from './task-event.js';
import type { TaskLog } from './task-log.js';
import { messageOf } from './to-error.js';

/** One channel of `node:diagnostics_channel` for each type of event, for all applications. */
const CHANNELS: Readonly<Record<TaskEvent['type'], Channel>> = {
  scheduled: channel('nestjs-tasks:scheduled'),
  started: channel('nestjs-tasks:started'),
  retrying: channel('nestjs-tasks:retrying'),
  succeeded: channel('nestjs-tasks:succeeded'),
  failed: channel('nestjs-tasks:failed'),
  cancelled: channel('nestjs-tasks:cancelled'),
  skipped: channel('nestjs-tasks:skipped'),
  dropped: channel('nestjs-tasks:dropped'),
  enqueued: channel('nestjs-tasks:enqueued'),
  fallback: channel('nestjs-tasks:fallback'),
};

/**
 * Tells the observers of the application, and the subscribers of the diagnostics
 * channels, what happens. What they do in turn changes nothing.
 */
export class Observers {
  readonly #observers: TaskObserver[];
  readonly #log: TaskLog;

  constructor(observers: readonly TaskObserver[], log: TaskLog) {
    this.#observers = [...observers];
    this.#log = log;
  }

  add(observer: TaskObserver): void {
    this.#observers.push(observer);
  }

  /** Whether anybody listens: without, no event need be made. */
  listen(type: TaskEvent['type']): boolean {
    return this.#observers.length > 0 || CHANNELS[type].hasSubscribers;
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
    const diagnostics = CHANNELS[event.type];
    if (diagnostics.hasSubscribers) diagnostics.publish(event);
  }

  #failed(event: TaskEvent, error: unknown): void {
    this.#log.error(
      `An observer failed with "${messageOf(error)}" when told of "${event.type}" of task "${event.task.name}" (${event.task.id}).`,
      error,
    );
  }
}
