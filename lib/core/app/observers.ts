import { channel, type Channel } from 'node:diagnostics_channel';
import { contained } from '../base/contained.js';
import {
  finalEvent,
  type TaskEvent,
  type TaskObserver,
} from '../task/task-event.js';
import type { TaskOutcome } from '../task/task-outcome.js';
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
    return this.#listensTo(CHANNELS[type]);
  }

  // Constant names for what each task does: looking one up by value is slow.
  scheduled(task: Task): void {
    const diagnostics = CHANNELS.scheduled;
    if (this.#listensTo(diagnostics)) {
      this.#emit({ type: 'scheduled', task }, diagnostics);
    }
  }

  started(task: Task): void {
    const diagnostics = CHANNELS.started;
    if (this.#listensTo(diagnostics)) {
      this.#emit({ type: 'started', task }, diagnostics);
    }
  }

  settled(task: Task, outcome: TaskOutcome): void {
    const { status } = outcome;
    const diagnostics =
      status === 'succeeded' ? CHANNELS.succeeded : CHANNELS[status];
    if (this.#listensTo(diagnostics)) {
      this.#emit(finalEvent(task, outcome), diagnostics);
    }
  }

  emit(event: TaskEvent): void {
    this.#emit(event, CHANNELS[event.type]);
  }

  #emit(event: TaskEvent, diagnostics: Channel): void {
    for (const observer of this.#observers) {
      contained(observer, this.#failed, event);
    }
    if (diagnostics.hasSubscribers) diagnostics.publish(event);
  }

  #listensTo(diagnostics: Channel): boolean {
    return this.#observers.length > 0 || diagnostics.hasSubscribers;
  }

  readonly #failed = (error: unknown, event: TaskEvent): void =>
    this.#lines.observerFailed(event, error);
}
