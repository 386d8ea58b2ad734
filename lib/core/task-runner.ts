import { Attempt, type AttemptHost } from './attempt.js';
import type { Clock } from './clock.js';
import { toMilliseconds } from './duration.js';
import { TaskBacklogFullError, TaskDroppedError } from './errors.js';
import { nextAttemptInMs } from './retry.js';
import type { StopListening } from './settled.js';
import { Slots } from './slots.js';
import type { TaskLog } from './task-log.js';
import type { ScheduledTask } from './scheduled-task.js';
import { messageOf } from './to-error.js';
import { WaitingTask } from './waiting-task.js';

export interface RunnerLimits {
  readonly concurrency?: number | undefined;
  readonly maxPending?: number | undefined;
}

/**
 * Takes a task whose moment has come and brings it to its outcome:
 * slot → attempt → retry → settle. It never throws, and each step runs in the
 * async context of `schedule()`, because each is reached from the step before.
 */
export class TaskRunner implements AttemptHost {
  readonly #clock: Clock;
  readonly #log: TaskLog;
  readonly #slots: Slots<WaitingTask>;
  readonly #maxPending: number;

  constructor(clock: Clock, log: TaskLog, limits: RunnerLimits = {}) {
    this.#clock = clock;
    this.#log = log;
    this.#slots = new Slots(
      clock,
      (waiting) => this.#enter(waiting),
      limits.concurrency,
    );
    this.#maxPending = limits.maxPending ?? Infinity;
  }

  /** Runs a task as soon as it gets a slot. */
  run(task: ScheduledTask): void {
    if (task.isSettled) return;
    if (this.#slots.take()) return this.#attempt(task, true);
    // Whoever comes back from a pause has been accepted before.
    if (task.attempt === 0 && this.#slots.excess >= this.#maxPending) {
      const reason = new TaskBacklogFullError(task.name, this.#maxPending);
      task.settle({ status: 'dropped', reason });
      return;
    }
    this.#slots.wait(WaitingTask.of(task));
  }

  /** Follows work that runs already, and so needs no slot. */
  follow(task: ScheduledTask): void {
    if (!task.isSettled) this.#attempt(task, false);
  }

  freeSlot(): void {
    this.#slots.free();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }

  /** An attempt failed: tries again, if the task's options say so. */
  failed(task: ScheduledTask, error: Error, usesSlot: boolean): void {
    if (task.isSettled) return;
    if (task.shutdownReason) {
      const reason = new TaskDroppedError(task.shutdownReason.message, {
        cause: error,
      });
      task.settle({ status: 'dropped', reason });
      return;
    }
    const pauseMs = this.#pauseMs(task, error);
    // Whom it asked may have cancelled the task.
    if (task.isSettled) return;
    if (pauseMs === undefined) {
      task.settle({ status: 'failed', error });
      return;
    }
    task.pause(error);
    if (task.isSettled || task.handBack(pauseMs)) return;
    const interrupt = this.#clock.after(pauseMs, () => {
      task.underway = undefined;
      if (usesSlot) this.run(task);
      else this.follow(task);
    });
    task.underway = { interrupt };
  }

  /** Stops listening to what a task came to. */
  stop(task: ScheduledTask, stopListening: StopListening | undefined): void {
    try {
      stopListening?.();
    } catch (error) {
      this.#log.error(
        `The Observable of task "${task.name}" (${task.id}) failed when it was unsubscribed from: ${messageOf(error)}.`,
        error,
      );
    }
  }

  /** A slot was taken for a task that waited. */
  #enter(waiting: WaitingTask): void {
    waiting.runInAsyncScope(this.#attempt, this, waiting.task, true);
  }

  #attempt(task: ScheduledTask, usesSlot: boolean): void {
    const { timeout } = task.options;
    new Attempt(this, task, usesSlot).start(
      timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout'),
    );
  }

  #pauseMs(task: ScheduledTask, error: Error): number | undefined {
    try {
      return nextAttemptInMs(task.options, task.attempt, error);
    } catch (policyError) {
      this.#log.error(
        `Task "${task.name}" (${task.id}) is not tried again: its retryIf or backoff failed with ` +
          `"${messageOf(policyError)}" when asked about "${messageOf(error)}".`,
        policyError,
      );
      return undefined;
    }
  }
}
