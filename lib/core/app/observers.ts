import { channel, type Channel } from 'node:diagnostics_channel';
import { contained } from '../base/contained.js';
import type { TaskEvent, TaskObserver } from '../task/task-event.js';
import type { Task } from '../task/task.js';
import type { LogLines } from './log-lines.js';

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
  progress: channel('nestjs-tasks:progress'),
};

/**
 * Passes events to the observers of the application and to the subscribers of the
 * diagnostics channels. Their failures are contained.
 */
export class Observers {
  #observers: readonly TaskObserver[];
  readonly #lines: LogLines;

  constructor(observers: readonly TaskObserver[], lines: LogLines) {
    this.#observers = [...observers];
    this.#lines = lines;
  }

  add(observer: TaskObserver): void {
    this.#observers = [...this.#observers, observer];
  }

  /** An event that is being emitted still reaches it. */
  remove(observer: TaskObserver): void {
    this.#observers = this.#observers.filter((other) => other !== observer);
  }

  /** Whether an event of this type has to be created at all. */
  wants(type: TaskEvent['type']): boolean {
    return this.#observers.length > 0 || CHANNELS[type].hasSubscribers;
  }

  /** Emits an event about which nothing but its task is known, if anyone wants it. */
  happened(type: 'scheduled' | 'started', task: Task): void {
    if (this.wants(type)) this.emit({ type, task });
  }

  emit(event: TaskEvent): void {
    for (const observer of this.#observers) {
      contained(observer, this.#failed, event);
    }
    const diagnostics = CHANNELS[event.type];
    if (diagnostics.hasSubscribers) diagnostics.publish(event);
  }

  readonly #failed = (error: unknown, event: TaskEvent): void =>
    this.#lines.observerFailed(event, error);
}
