import { randomUUID } from 'node:crypto';
import type { AppResources } from './app-resources.js';
import type { Callable, DeclaredTask } from './declared-task.js';
import { TaskCancelledError } from './errors.js';
import { whenSettled, type StopListening } from './settled.js';
import { runInTask } from './task-context.js';
import { nameOfFunction } from './function-name.js';
import type { TaskOptions } from './task-options.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { Task, TaskPhase, TaskResponse } from './task.js';
import { toError } from './to-error.js';
import { thisOf } from './unbound-this.js';
import { cancelOn } from './watched-signals.js';

/** Whom a task tells what becomes of it. */
export interface TaskHome {
  readonly resources?: AppResources | undefined;
  started(task: ScheduledTask): void;
  retrying(task: ScheduledTask, error: Error): void;
  settled(task: ScheduledTask, outcome: TaskOutcome, before: TaskStatus): void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

/**
 * The task itself, a one-way state machine: `scheduled` and `running` take turns,
 * one of the final states ends it. Promises, signals and ids are made when asked
 * for.
 */
export class ScheduledTask<
  A extends unknown[] = unknown[],
  R = unknown,
> implements Task<A, R> {
  readonly phase: TaskPhase;
  readonly args: Readonly<A>;
  readonly options: Readonly<TaskOptions>;
  /** Of the application, so that a settled task keeps nothing of its request. */
  readonly resources: AppResources | undefined;
  /** What it is a task of, if it is a declared one. */
  readonly declared: DeclaredTask | undefined;
  response: TaskResponse | undefined;
  /** When the first attempt started, by the clock of the runtime. */
  startedAtMs = 0;

  /** Undoes what the runner has under way for this task, when it settles from outside. */
  interrupt: (() => void) | undefined;
  /** Gives back the slot that its attempt holds, although the attempt goes on. */
  yieldSlot: (() => void) | undefined;
  /** Its place in the queue of its phase. */
  queuePosition = -1;

  readonly #fn: Callable;
  #home: TaskHome | undefined;
  #status: TaskStatus = 'scheduled';
  #attempt = 0;
  #id: string | undefined;
  #outcome: TaskOutcome | undefined;
  #controller: AbortController | undefined;
  #abortReason: { readonly reason: unknown } | undefined;
  #shutdownReason: Error | undefined;
  #started: Deferred<void> | undefined;
  #settled: Deferred<TaskOutcome> | undefined;
  #unlinkSignal: (() => void) | undefined;

  constructor(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
    home: TaskHome,
    declared?: DeclaredTask,
    /** What is known of it, if it goes on here with what began elsewhere. */
    before?: { readonly id: string; readonly attempts: number },
  ) {
    this.phase = phase;
    this.#fn = fn;
    this.args = args;
    this.options = options;
    this.#home = home;
    this.resources = home.resources;
    this.declared = declared;
    if (before) {
      this.#id = before.id;
      this.#attempt = before.attempts;
    }
  }

  get id(): string {
    return (this.#id ??= randomUUID());
  }

  get name(): string {
    return this.options.name ?? nameOfFunction(this.#fn);
  }

  get key(): string | undefined {
    return this.options.key;
  }

  /** Whether a shutdown waits for it. */
  get isShielded(): boolean {
    return this.options.shield === true;
  }

  /** Whether it was scheduled by another process. */
  get isResumed(): boolean {
    return false;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  get attempt(): number {
    return this.#attempt;
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortReason) this.#controller.abort(this.#abortReason.reason);
    }
    return this.#controller.signal;
  }

  /** Why the shutdown fired the signal of this task; from then on a failure counts as a drop. */
  get shutdownReason(): Error | undefined {
    return this.#shutdownReason;
  }

  cancel(reason?: unknown): boolean {
    if (this.#outcome) return false;
    const cause =
      reason === undefined ? new TaskCancelledError(this.name) : reason;
    this.settle({ status: 'cancelled', reason: cause });
    this.#abort(cause);
    return true;
  }

  started(): Promise<void> {
    if (this.#attempt > 0 || this.#outcome) return Promise.resolve();
    return (this.#started ??= deferred<void>()).promise;
  }

  settled(): Promise<TaskOutcome<R>> {
    if (!this.#settled) {
      this.#settled = deferred<TaskOutcome>();
      if (this.#outcome) this.#settled.resolve(this.#outcome);
    }
    return this.#settled.promise as Promise<TaskOutcome<R>>;
  }

  async run(): Promise<R> {
    // The signal of a failed task may have fired; this execution deserves a fresh one.
    if (this.#status === 'failed') this.#renewSignal();
    try {
      return await new Promise<R>((resolve, reject) => {
        const onValue = resolve as (value: unknown) => void;
        this.execute(onValue, reject);
      });
    } catch (thrown) {
      throw toError(thrown, this.name);
    }
  }

  /**
   * Calls the function and tells what its result comes to. All of it is a part of
   * this task: a lazy result, such as an Observable, does its work when listened to.
   *
   * @throws what the function throws
   */
  execute(
    onValue: (value: unknown) => void,
    onError: (error: unknown) => void,
  ): StopListening | undefined {
    return runInTask(this, () => {
      // Of a generic tuple the compiler does not see that, read-only, it is a list.
      const args = this.args as unknown as unknown[];
      const result: unknown = Reflect.apply(this.#fn, thisOf(this.#fn), args);
      return whenSettled(result, onValue, onError);
    });
  }

  /** An attempt starts. */
  begin(): void {
    this.#attempt += 1;
    this.#status = 'running';
    if (this.#attempt > 1) this.#renewSignal();
    this.#started?.resolve();
    this.#home?.started(this);
  }

  /** An attempt failed, and another one will follow. */
  pause(error: Error): void {
    this.#status = 'scheduled';
    this.#home?.retrying(this, error);
  }

  /** Leaves the further attempt to an engine, if one keeps it; says whether. */
  handBack(_pauseMs: number): boolean {
    return false;
  }

  /** The attempt's time is up. */
  expire(error: Error): void {
    this.#abort(error);
  }

  /** Fires the signal because the application shuts down. */
  shutDown(reason: Error): void {
    this.#shutdownReason = reason;
    // Nobody waits for it any more, so it must not keep shielded tasks waiting.
    if (!this.isShielded) this.yieldSlot?.();
    this.#abort(reason);
  }

  /** Cancels the task when `options.signal` fires, until it settles. */
  linkSignal(): void {
    const { signal } = this.options;
    if (!signal || this.#outcome) return;
    if (signal.aborted) this.cancel(signal.reason);
    else this.#unlinkSignal = cancelOn(signal, this);
  }

  /** The one way into a final state. Only the first call counts. */
  settle(outcome: TaskOutcome): boolean {
    if (this.#outcome) return false;
    const before = this.#status;
    const home = this.#home;
    this.#outcome = outcome;
    this.#status = outcome.status;
    this.#home = undefined;
    this.#unlinkSignal?.();
    this.#unlinkSignal = undefined;
    this.interrupt?.();
    this.interrupt = undefined;
    this.#started?.resolve();
    this.#settled?.resolve(outcome);
    home?.settled(this, outcome, before);
    return true;
  }

  #abort(reason: unknown): void {
    this.#abortReason ??= { reason };
    this.#controller?.abort(reason);
  }

  #renewSignal(): void {
    this.#controller = undefined;
    this.#abortReason = undefined;
  }
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
