import { randomUUID } from 'node:crypto';
import type { AppResources } from './app-resources.js';
import type { Callable, DeclaredTask } from './declared-task.js';
import { TaskCancelledError } from './errors.js';
import { whenSettled, type ResultListener } from './settled.js';
import { runInTask } from './task-context.js';
import { nameOfFunction } from './function-name.js';
import type { RouteVerdict } from './phase-queue.js';
import type { Linked } from './linked-list.js';
import type { TaskOptions } from './task-options.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { Task, TaskPhase, TaskResponse } from './task.js';
import { toError } from './to-error.js';
import { thisOf } from './unbound-this.js';
import { cancelOn } from './watched-signals.js';

/** Whom a task tells what becomes of it. */
export interface TaskHome {
  readonly resources?: AppResources | undefined;
  due(task: ScheduledTask, verdict: RouteVerdict): void;
  started(task: ScheduledTask): void;
  retrying(task: ScheduledTask, error: Error): void;
  settled(task: ScheduledTask, outcome: TaskOutcome, before: TaskStatus): void;
}

/** What can be undone of a task that is under way: its attempt, or what it waits for. */
export interface Underway {
  /** Undoes it, as the task has settled from outside. */
  interrupt(): void;
  /** Gives back the slot that an attempt holds, although it goes on. */
  yieldSlot?(): void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

/** What few tasks ever have; made when a task gets the first of it. */
class TaskExtras {
  response: TaskResponse | undefined;
  id: string | undefined;
  declared: DeclaredTask | undefined;
  controller: AbortController | undefined;
  abortReason: { readonly reason: unknown } | undefined;
  shutdownReason: Error | undefined;
  started: Deferred<void> | undefined;
  settled: Deferred<TaskOutcome> | undefined;
  unlinkSignal: (() => void) | undefined;
}

/**
 * The task itself, a one-way state machine: `scheduled` and `running` take turns,
 * one of the final states ends it. Many may wait, so each is small: promises, signals
 * and ids are made when asked for.
 */
export class ScheduledTask<A extends unknown[] = unknown[], R = unknown>
  implements Task<A, R>, Linked
{
  readonly phase: TaskPhase;
  readonly args: Readonly<A>;
  readonly options: Readonly<TaskOptions>;
  /** When the first attempt started, by the clock of the runtime, in whole milliseconds. */
  startedAtMs = 0;

  // Private, as who logs or compares a task must not walk through those around it.
  #underway: Underway | undefined;
  #before: Linked | undefined;
  #after: Linked | undefined;
  readonly #fn: Callable;
  /** Once it has settled, nothing of its request: what the application shares. */
  #home: TaskHome | AppResources | undefined;
  #state: 'scheduled' | 'running' | TaskOutcome = 'scheduled';
  #attempt = 0;
  #extras: TaskExtras | undefined;

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
    if (declared) this.#more.declared = declared;
    if (before) {
      this.#more.id = before.id;
      this.#attempt = before.attempts;
    }
  }

  get id(): string {
    return (this.#more.id ??= randomUUID());
  }

  get name(): string {
    return this.options.name ?? nameOfFunction(this.#fn);
  }

  /** What it is a task of, if it is a declared one. */
  get declared(): DeclaredTask | undefined {
    return this.#extras?.declared;
  }

  /** What the application shares among its tasks. */
  get resources(): AppResources | undefined {
    const home = this.#homeYet;
    return home ? home.resources : (this.#home as AppResources | undefined);
  }

  get response(): TaskResponse | undefined {
    return this.#extras?.response;
  }

  /** What it waits for, or its attempt. */
  get underway(): Underway | undefined {
    return this.#underway;
  }

  set underway(underway: Underway | undefined) {
    this.#underway = underway;
  }

  /** Its neighbours among the tasks of its scope that have not settled. */
  get before(): Linked | undefined {
    return this.#before;
  }

  set before(before: Linked | undefined) {
    this.#before = before;
  }

  get after(): Linked | undefined {
    return this.#after;
  }

  set after(after: Linked | undefined) {
    this.#after = after;
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
    const state = this.#state;
    return typeof state === 'string' ? state : state.status;
  }

  get attempt(): number {
    return this.#attempt;
  }

  get isSettled(): boolean {
    return typeof this.#state !== 'string';
  }

  /** What it came to, once it has settled. */
  get outcome(): TaskOutcome | undefined {
    const state = this.#state;
    return typeof state === 'string' ? undefined : state;
  }

  get signal(): AbortSignal {
    const more = this.#more;
    if (!more.controller) {
      more.controller = new AbortController();
      if (more.abortReason) more.controller.abort(more.abortReason.reason);
    }
    return more.controller.signal;
  }

  /** Why the shutdown fired the signal of this task; from then on a failure counts as a drop. */
  get shutdownReason(): Error | undefined {
    return this.#extras?.shutdownReason;
  }

  cancel(reason?: unknown): boolean {
    if (this.isSettled) return false;
    const cause =
      reason === undefined ? new TaskCancelledError(this.name) : reason;
    this.settle({ status: 'cancelled', reason: cause });
    this.#abort(cause);
    return true;
  }

  started(): Promise<void> {
    if (this.#attempt > 0 || this.isSettled) return Promise.resolve();
    return (this.#more.started ??= deferred<void>()).promise;
  }

  settled(): Promise<TaskOutcome<R>> {
    const more = this.#more;
    if (!more.settled) {
      more.settled = deferred<TaskOutcome>();
      if (typeof this.#state !== 'string') more.settled.resolve(this.#state);
    }
    return more.settled.promise as Promise<TaskOutcome<R>>;
  }

  async run(): Promise<R> {
    // The signal of a failed task may have fired; this execution deserves a fresh one.
    if (this.status === 'failed') this.#renewSignal();
    try {
      return await new Promise<R>((resolve, reject) => {
        const onValue = resolve as (value: unknown) => void;
        this.execute({ isOver: false, onValue, onError: reject });
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
  execute(listener: ResultListener): void {
    runInTask(this, () => {
      // Of a generic tuple the compiler does not see that, read-only, it is a list.
      const args = this.args as unknown as unknown[];
      const result: unknown = Reflect.apply(this.#fn, thisOf(this.#fn), args);
      whenSettled(result, listener);
    });
  }

  /** Its moment has come. */
  due(verdict: RouteVerdict): void {
    this.#homeYet?.due(this, verdict);
  }

  /** The response that it waited for has ended. */
  responseEnded(response: TaskResponse): void {
    this.#more.response = response;
  }

  /** An attempt starts. */
  begin(): void {
    this.#attempt += 1;
    this.#state = 'running';
    if (this.#attempt > 1) this.#renewSignal();
    this.#extras?.started?.resolve();
    this.#homeYet?.started(this);
  }

  /** An attempt failed, and another one will follow. */
  pause(error: Error): void {
    this.#state = 'scheduled';
    this.#homeYet?.retrying(this, error);
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
    this.#more.shutdownReason = reason;
    // Nobody waits for it any more, so it must not keep shielded tasks waiting.
    if (!this.isShielded) this.underway?.yieldSlot?.();
    this.#abort(reason);
  }

  /** Cancels the task when `options.signal` fires, until it settles. */
  linkSignal(): void {
    const { signal } = this.options;
    if (!signal || this.isSettled) return;
    if (signal.aborted) this.cancel(signal.reason);
    else this.#more.unlinkSignal = cancelOn(signal, this);
  }

  /** The one way into a final state. Only the first call counts. */
  settle(outcome: TaskOutcome): boolean {
    if (typeof this.#state !== 'string') return false;
    const before = this.#state;
    const home = this.#homeYet;
    this.#state = outcome;
    this.#home = home?.resources;
    const { underway } = this;
    this.underway = undefined;
    const extras = this.#extras;
    extras?.unlinkSignal?.();
    underway?.interrupt();
    extras?.started?.resolve();
    extras?.settled?.resolve(outcome);
    home?.settled(this, outcome, before);
    return true;
  }

  #abort(reason: unknown): void {
    const more = this.#more;
    more.abortReason ??= { reason };
    more.controller?.abort(reason);
  }

  #renewSignal(): void {
    const extras = this.#extras;
    if (!extras) return;
    extras.controller = undefined;
    extras.abortReason = undefined;
  }

  get #more(): TaskExtras {
    return (this.#extras ??= new TaskExtras());
  }

  /** Whom it tells, until it has settled. */
  get #homeYet(): TaskHome | undefined {
    return typeof this.#state === 'string'
      ? (this.#home as TaskHome | undefined)
      : undefined;
  }
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
