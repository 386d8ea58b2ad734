import type { TaskOutcome } from '../task/task-outcome.js';

/** What a task is doing now: waiting, running an attempt, or sleeping before the next one. */
export interface Underway {
  /** Stops it, because the task has been settled from outside. */
  interrupt(): void;
  /** Gives back the slot that an attempt holds, although the attempt continues. */
  yieldSlot?(): void;
}

/** A promise that is resolved from outside. */
export class Deferred<T> {
  resolve!: (value: T) => void;
  readonly promise: Promise<T>;

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve));
  }
}

/**
 * The parts of a task that few tasks ever need. They are created together when the
 * first one is needed, which keeps the many tasks that only wait small.
 */
export class TaskExtras {
  id: string | undefined;
  shutdownReason: Error | undefined;
  /** How many attempts have asked for another one, and do not count as failures. */
  postponed = 0;
  started: Deferred<void> | undefined;
  settled: Deferred<TaskOutcome> | undefined;
  unlinkSignal: (() => void) | undefined;
  #controller: AbortController | undefined;
  #abortReason: { readonly reason: unknown } | undefined;

  /** @param outcome the outcome of the task, if it has settled already */
  whenSettled<R>(outcome: TaskOutcome | undefined): Promise<TaskOutcome<R>> {
    if (!this.settled) {
      this.settled = new Deferred();
      if (outcome) this.settled.resolve(outcome);
    }
    return this.settled.promise as Promise<TaskOutcome<R>>;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortReason) this.#controller.abort(this.#abortReason.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, even if it is created later. Only the first reason counts. */
  abort(reason: unknown): void {
    this.#abortReason ??= { reason };
    this.#controller?.abort(reason);
  }

  /** Replaces a signal that may have fired by a fresh one. */
  renewSignal(): void {
    this.#controller = undefined;
    this.#abortReason = undefined;
  }
}
