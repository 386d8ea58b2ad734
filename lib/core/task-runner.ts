import type { Clock } from './clock.js';
import { toMilliseconds } from './duration.js';
import {
  TaskBacklogFullError,
  TaskDroppedError,
  TaskTimeoutError,
} from './errors.js';
import { nextAttemptInMs } from './retry.js';
import type { StopListening } from './settled.js';
import { Slots } from './slots.js';
import type { TaskLog } from './task-log.js';
import type { ScheduledTask } from './scheduled-task.js';
import { messageOf, toError } from './to-error.js';

export interface RunnerLimits {
  readonly concurrency?: number | undefined;
  readonly maxPending?: number | undefined;
}

/**
 * Takes a task whose moment has come and brings it to its outcome:
 * slot → attempt → retry → settle. It never throws, and each step runs in the
 * async context of `schedule()`, because each is reached from the step before.
 */
export class TaskRunner {
  readonly #clock: Clock;
  readonly #log: TaskLog;
  readonly #slots: Slots;
  readonly #maxPending: number;

  constructor(clock: Clock, log: TaskLog, limits: RunnerLimits = {}) {
    this.#clock = clock;
    this.#log = log;
    this.#slots = new Slots(clock, limits.concurrency);
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
    const ticket = this.#slots.wait();
    task.interrupt = () => void ticket.leave();
    void ticket.admitted.then(() => {
      if (task.isSettled) this.#slots.free();
      else this.#attempt(task, true);
    });
  }

  /** Follows work that runs already, and so needs no slot. */
  follow(task: ScheduledTask): void {
    if (!task.isSettled) this.#attempt(task, false);
  }

  #attempt(task: ScheduledTask, holdsSlot: boolean): void {
    let over = false;
    let hasSlot = holdsSlot;
    let stopDeadline: (() => void) | undefined;
    let stopListening: StopListening | undefined;

    const freeSlot = () => {
      if (!hasSlot) return;
      hasSlot = false;
      this.#slots.free();
    };
    /** Whether this call ended the attempt: it ends once, and gives back all it holds. */
    const end = (): boolean => {
      if (over) return false;
      over = true;
      task.interrupt = undefined;
      task.yieldSlot = undefined;
      stopDeadline?.();
      freeSlot();
      return true;
    };
    const abandon = () => {
      if (end()) this.#stop(task, stopListening);
    };
    const fail = (thrown: unknown) => {
      if (end()) this.#failed(task, toError(thrown, task.name), holdsSlot);
    };
    const succeed = (value: unknown) => {
      if (end()) task.settle({ status: 'succeeded', value });
    };

    task.interrupt = abandon;
    task.yieldSlot = freeSlot;
    task.begin();
    // An observer may have cancelled it.
    if (task.isSettled) return;

    const { timeout } = task.options;
    if (timeout !== undefined) {
      const timeoutMs = toMilliseconds(timeout, 'timeout');
      stopDeadline = this.#clock.after(timeoutMs, () => {
        if (!end()) return;
        this.#stop(task, stopListening);
        const error = new TaskTimeoutError(task.name, timeoutMs, task.attempt);
        task.expire(error);
        this.#failed(task, error, holdsSlot);
      });
    }
    try {
      stopListening = task.execute(succeed, fail);
      // It may have cancelled itself before there was anything to stop.
      if (over) this.#stop(task, stopListening);
    } catch (thrown) {
      fail(thrown);
    }
  }

  #failed(task: ScheduledTask, error: Error, holdsSlot: boolean): void {
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
    task.interrupt = this.#clock.after(pauseMs, () => {
      task.interrupt = undefined;
      if (holdsSlot) this.run(task);
      else this.follow(task);
    });
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

  #stop(task: ScheduledTask, stopListening: StopListening | undefined): void {
    try {
      stopListening?.();
    } catch (error) {
      this.#log.error(
        `The Observable of task "${task.name}" (${task.id}) failed when it was unsubscribed from: ${messageOf(error)}.`,
        error,
      );
    }
  }
}
