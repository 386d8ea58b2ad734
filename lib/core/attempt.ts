import { TaskTimeoutError } from './errors.js';
import type { ScheduledTask, Underway } from './scheduled-task.js';
import type { ResultListener, StopListening } from './settled.js';
import { toError } from './to-error.js';

/** Who runs attempts, and hears how they end. */
export interface AttemptHost {
  freeSlot(): void;
  /** Calls `callback` after that time, unless the returned function is called first. */
  after(delayMs: number, callback: () => void): () => void;
  failed(task: ScheduledTask, error: Error, usesSlot: boolean): void;
  stop(task: ScheduledTask, stopListening: StopListening | undefined): void;
}

/** One run of a task's function. It ends once, and then gives back all that it holds. */
export class Attempt implements ResultListener, Underway {
  readonly #host: AttemptHost;
  readonly #task: ScheduledTask;
  readonly #usesSlot: boolean;
  #holdsSlot: boolean;
  #isOver = false;
  #stopDeadline: (() => void) | undefined;
  stopListening: StopListening | undefined;

  constructor(host: AttemptHost, task: ScheduledTask, usesSlot: boolean) {
    this.#host = host;
    this.#task = task;
    this.#usesSlot = usesSlot;
    this.#holdsSlot = usesSlot;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(timeoutMs: number | undefined): void {
    const task = this.#task;
    task.underway = this;
    task.begin();
    // An observer may have cancelled it.
    if (task.isSettled) return;
    if (timeoutMs !== undefined) {
      this.#stopDeadline = this.#host.after(timeoutMs, () =>
        this.#expire(timeoutMs),
      );
    }
    try {
      task.execute(this);
      // It may have cancelled itself before there was anything to stop.
      if (this.#isOver) this.#host.stop(task, this.stopListening);
    } catch (thrown) {
      this.onError(thrown);
    }
  }

  onValue(value: unknown): void {
    if (this.#end()) this.#task.settle({ status: 'succeeded', value });
  }

  onError(thrown: unknown): void {
    if (!this.#end()) return;
    const error = toError(thrown, this.#task.name);
    this.#host.failed(this.#task, error, this.#usesSlot);
  }

  interrupt(): void {
    if (this.#end()) this.#host.stop(this.#task, this.stopListening);
  }

  yieldSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#host.freeSlot();
  }

  #expire(timeoutMs: number): void {
    if (!this.#end()) return;
    const task = this.#task;
    this.#host.stop(task, this.stopListening);
    const error = new TaskTimeoutError(task.name, timeoutMs, task.attempt);
    task.expire(error);
    this.#host.failed(task, error, this.#usesSlot);
  }

  /** Whether this call ended it. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#task.underway = undefined;
    this.#stopDeadline?.();
    this.yieldSlot();
    return true;
  }
}
