import type { AsyncResource } from 'node:async_hooks';
import { TaskTimeoutError } from '../base/errors.js';
import type { ResultListener, StopListening } from '../base/result-listener.js';
import { toError } from '../base/to-error.js';
import { enterTask } from '../task/task-context.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { Underway } from './task-extras.js';

/** Runs attempts and decides what follows them. */
export interface AttemptHost {
  freeSlot(): void;
  /** Calls `callback` after that time, unless the returned function is called first. */
  after(delayMs: number, callback: () => void): () => void;
  /** @param context in which the task settles as failed, and its error handlers are called */
  failed(
    task: ScheduledTask,
    error: Error,
    usesSlot: boolean,
    context: AsyncResource | undefined,
  ): void;
  unsubscribe(
    task: ScheduledTask,
    stopListening: StopListening | undefined,
  ): void;
}

/** One run of a task's function. It ends once, and then releases everything it holds. */
export class Attempt implements ResultListener, Underway {
  readonly #host: AttemptHost;
  protected readonly task: ScheduledTask;
  readonly #usesSlot: boolean;
  #holdsSlot: boolean;
  #isOver = false;
  #stopTimer: (() => void) | undefined;
  stopListening: StopListening | undefined;
  /** The async context of the task itself, when that is another one than that of its `schedule()`. */
  protected context: AsyncResource | undefined;

  constructor(host: AttemptHost, task: ScheduledTask, usesSlot: boolean) {
    this.#host = host;
    this.task = task;
    this.#usesSlot = usesSlot;
    this.#holdsSlot = usesSlot;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(timeoutMs: number | undefined): void {
    const task = this.task;
    task.underway = this;
    task.begin();
    // An observer may have cancelled it.
    if (task.isSettled) return;
    if (timeoutMs !== undefined) {
      this.#stopTimer = this.#host.after(timeoutMs, () =>
        this.#expire(timeoutMs),
      );
    }
    enterTask(task);
    this.execute();
    // The task may have cancelled itself before its result could be unsubscribed from.
    if (this.#isOver) this.unsubscribe(this.stopListening);
  }

  onValue(value: unknown): void {
    if (this.#end()) this.task.settle({ status: 'succeeded', value });
  }

  onError(thrown: unknown): void {
    if (!this.#end()) return;
    const error = toError(thrown, this.task.name);
    this.#failed(error);
  }

  interrupt(): void {
    if (!this.#end()) return;
    const { outcome, shutdownReason } = this.task;
    this.giveUp(
      outcome && 'reason' in outcome ? outcome.reason : shutdownReason,
    );
  }

  unsubscribe(stopListening: StopListening | undefined): void {
    this.#host.unsubscribe(this.task, stopListening);
  }

  yieldSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#host.freeSlot();
  }

  protected execute(): void {
    this.task.execute(this);
  }

  /** It has ended from outside, so its result is no longer awaited. */
  protected giveUp(_reason: unknown): void {
    this.unsubscribe(this.stopListening);
  }

  #expire(timeoutMs: number): void {
    if (!this.#end()) return;
    const task = this.task;
    const error = new TaskTimeoutError(task.name, timeoutMs, task.attempt);
    this.giveUp(error);
    task.abort(error);
    this.#failed(error);
  }

  #failed(error: Error): void {
    this.#host.failed(this.task, error, this.#usesSlot, this.context);
  }

  /** `false` when it had already ended. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.task.underway = undefined;
    this.#stopTimer?.();
    this.yieldSlot();
    return true;
  }
}
