import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../base/clock.js';
import { contained } from '../base/contained.js';
import { toMilliseconds } from '../base/duration.js';
import { TaskBacklogFullError, TaskDroppedError } from '../base/errors.js';
import type { StopListening } from '../base/result-listener.js';
import { runInTask } from '../task/task-context.js';
import type { TaskIncidents } from '../task/task-incidents.js';
import { Attempt, type AttemptHost } from './attempt.js';
import { InterceptedAttempt } from './intercepted-attempt.js';
import type { Interceptors } from './interceptors.js';
import { Retry } from './retry.js';
import type { ScheduledTask } from './scheduled-task.js';
import { Slots } from './slots.js';
import { WaitingTask } from './waiting-task.js';

/** Runs the tasks that are due in this process. Settles every task that it takes. */
export interface Runner {
  /** The tasks that wait for a slot. */
  readonly backlog: Backlog;
  /**
   * Runs a task, for whose sake there must be an async scope: `currentTask()` is the task
   * until that scope ends. Must not throw.
   */
  run(task: ScheduledTask): void;
  /** Follows work that is already running, to its end. */
  follow(task: ScheduledTask): void;
}

export interface Backlog {
  readonly size: number;
  /** For how long the first of them has waited. */
  readonly oldestMs: number;
}

export interface RunnerLimits {
  readonly concurrency?: number | undefined;
  readonly maxPending?: number | undefined;
}

/**
 * Brings a task that is due to its outcome: slot → attempt → retry → settle. It never
 * throws, and each step runs in the async context of `schedule()`, because each is
 * reached from the step before.
 */
export class TaskRunner implements Runner, AttemptHost {
  readonly #clock: Clock;
  readonly #incidents: TaskIncidents;
  readonly #slots: Slots<WaitingTask>;
  readonly #retry: Retry;
  readonly #maxPending: number;
  readonly #interceptors: Interceptors | undefined;

  constructor(
    clock: Clock,
    incidents: TaskIncidents,
    { concurrency, maxPending = Infinity }: RunnerLimits = {},
    interceptors?: Interceptors,
  ) {
    this.#clock = clock;
    this.#incidents = incidents;
    this.#slots = new Slots(
      clock,
      (waiting) =>
        waiting.runInAsyncScope(this.#attempt, this, waiting.task, true),
      concurrency,
    );
    this.#retry = new Retry(clock, incidents, (task, usesSlot) =>
      runInTask(task, () => (usesSlot ? this.run(task) : this.follow(task))),
    );
    this.#maxPending = maxPending;
    this.#interceptors = interceptors;
  }

  get backlog(): Backlog {
    const { size, first } = this.#slots.line;
    const nowMs = this.#clock.now();
    return { size, oldestMs: nowMs - (first?.sinceMs ?? nowMs) };
  }

  /** Runs a task as soon as it gets a slot. */
  run(task: ScheduledTask): void {
    if (task.isSettled) return;
    if (this.#slots.take()) return this.#attempt(task, true);
    // One that returns from a pause, or comes from a store, has been accepted before.
    const isNew = task.attempt === 0 && !task.isResumed;
    if (isNew && this.#slots.excess >= this.#maxPending) {
      const reason = new TaskBacklogFullError(task.name, this.#maxPending);
      task.settle({ status: 'dropped', reason });
      return;
    }
    const waiting = WaitingTask.of(task);
    waiting.sinceMs ??= this.#clock.now();
    this.#slots.wait(waiting);
  }

  /** Follows work that is already running, and so needs no slot. */
  follow(task: ScheduledTask): void {
    if (!task.isSettled) this.#attempt(task, false);
  }

  freeSlot(): void {
    this.#slots.free();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }

  failed(
    task: ScheduledTask,
    error: Error,
    usesSlot: boolean,
    context?: AsyncResource,
  ): void {
    if (task.isSettled) return;
    const { shutdownReason } = task;
    if (!shutdownReason) {
      return this.#retry.failed(task, error, usesSlot, context);
    }
    const reason = new TaskDroppedError(shutdownReason.message, {
      cause: error,
    });
    task.giveUp(reason);
  }

  unsubscribe(
    task: ScheduledTask,
    stopListening: StopListening | undefined,
  ): void {
    if (!stopListening) return;
    contained(stopListening, (error) =>
      this.#incidents.stopFailed(task, error),
    );
  }

  #attempt(task: ScheduledTask, usesSlot: boolean): void {
    const attempt = this.#attemptOf(task, usesSlot);
    const { timeout } = task.options;
    try {
      attempt.start(
        timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout'),
      );
    } catch (thrown) {
      // Else its slot would be lost, and with it those that wait for one.
      attempt.onError(thrown);
    }
  }

  #attemptOf(task: ScheduledTask, usesSlot: boolean): Attempt {
    // What was running before it was tracked can no longer be wrapped.
    const isTracked = !usesSlot && !task.isResumed;
    const around = isTracked ? undefined : this.#interceptors?.around(task);
    return around && this.#interceptors
      ? new InterceptedAttempt(
          this,
          task,
          usesSlot,
          around,
          this.#interceptors.resolve,
        )
      : new Attempt(this, task, usesSlot);
  }
}
