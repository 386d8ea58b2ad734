import { randomUUID } from 'node:crypto';
import { nameOfFunction } from '../base/describe.js';
import { TaskCancelledError } from '../base/errors.js';
import type { ResultListener } from '../base/result-listener.js';
import { callInto, resultOf } from '../base/settled.js';
import type { Callable, DeclaredTask } from '../task/declared-task.js';
import { runInTask } from '../task/task-context.js';
import type { TaskOutcome, TaskStatus } from '../task/task-outcome.js';
import type { TaskPhase, TaskResponse } from '../task/task-phase.js';
import type { Task, TaskOptions } from '../task/task.js';
import { cancelOn } from './cancel-on-signal.js';
import { Deferred, TaskExtras, type Underway } from './task-extras.js';
import { TaskFace } from './task-face.js';
import type { TaskHome as Home } from './task-home.js';
import { callOf } from './unbound-this.js';

/** The route of a task. */
export type TaskHome = Home<ScheduledTask>;

/**
 * A task as a one-way state machine: `scheduled` and `running` alternate until one of
 * the final states is reached. Many tasks may wait at once, so each is small: its
 * promises, signal and id are created on demand.
 */
export class ScheduledTask<A extends unknown[] = unknown[], R = unknown>
  extends TaskFace
  implements Task<A, R>
{
  readonly phase: TaskPhase;

  readonly #fn: Callable;
  // Private, so that no copy or serialisation of a task has them.
  readonly #args: Readonly<A>;
  readonly #options: Readonly<TaskOptions>;
  readonly #declared: DeclaredTask | undefined;
  #underway: Underway | undefined;
  /** Once the task has settled, only the shared resources: nothing of its request. */
  #home: TaskHome | object | undefined;
  #state: 'scheduled' | 'running' | TaskOutcome = 'scheduled';
  #attempt = 0;
  #response: TaskResponse | undefined;
  #extras: TaskExtras | undefined;

  constructor(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
    home: TaskHome,
    declared?: DeclaredTask,
    /** The progress of a task that started in another process. */
    before?: { readonly id: string; readonly attempts: number },
  ) {
    super();
    this.phase = phase;
    this.#fn = fn;
    this.#args = args;
    this.#options = options;
    this.#home = home;
    this.#declared = declared;
    if (before) {
      this.more.id = before.id;
      this.#attempt = before.attempts;
    }
  }

  get id(): string {
    return (this.more.id ??= randomUUID());
  }

  get args(): Readonly<A> {
    return this.#args;
  }

  get options(): Readonly<TaskOptions> {
    return this.#options;
  }

  get name(): string {
    return this.#options.name ?? nameOfFunction(this.#fn);
  }

  get declared(): DeclaredTask | undefined {
    return this.#declared;
  }

  /** How many attempts have failed, this one included. */
  get failures(): number {
    return this.#attempt - (this.#extras?.postponed ?? 0);
  }

  /** The route that is notified of its progress, until the task settles. */
  get home(): TaskHome | undefined {
    return this.isSettled ? undefined : (this.#home as TaskHome | undefined);
  }

  /** What the tasks of the application share, also after this one has settled. */
  get resources(): object | undefined {
    return this.isSettled ? this.#home : this.home?.resources;
  }

  /** The response that an after-response task waited for. */
  get response(): TaskResponse | undefined {
    return this.#response;
  }

  set response(response: TaskResponse | undefined) {
    this.#response = response;
  }

  /** What it is doing now, until it settles. */
  get underway(): Underway | undefined {
    return this.#underway;
  }

  set underway(underway: Underway | undefined) {
    this.#underway = underway;
  }

  get status(): TaskStatus {
    return typeof this.#state === 'string' ? this.#state : this.#state.status;
  }

  get attempt(): number {
    return this.#attempt;
  }

  get isSettled(): boolean {
    return typeof this.#state !== 'string';
  }

  /** Its outcome, once it has settled. */
  get outcome(): TaskOutcome | undefined {
    return typeof this.#state === 'string' ? undefined : this.#state;
  }

  get signal(): AbortSignal {
    return this.more.signal;
  }

  /** Why the shutdown fired the signal of this task. From then on a failure counts as a drop. */
  get shutdownReason(): Error | undefined {
    return this.#extras?.shutdownReason;
  }

  cancel(reason: unknown = new TaskCancelledError(this.name)): boolean {
    if (!this.settle({ status: 'cancelled', reason })) return false;
    this.abort(reason);
    return true;
  }

  started(): Promise<void> {
    if (this.#attempt > 0 || this.isSettled) return Promise.resolve();
    return (this.more.started ??= new Deferred<void>()).promise;
  }

  settled(): Promise<TaskOutcome<R>> {
    return this.more.whenSettled<R>(this.outcome);
  }

  run(): Promise<R> {
    // The signal of a failed task may have fired; this execution gets a fresh one.
    if (this.status === 'failed') this.#extras?.renewSignal();
    return resultOf<R>(
      (listener) => runInTask(this, () => this.execute(listener)),
      this.name,
    );
  }

  /**
   * Calls the function and reports what its result settles to. All of it must be called as
   * a part of this task: a lazy result, such as an Observable, does its work when
   * subscribed to.
   */
  execute(listener: ResultListener): void {
    callInto(() => callOf(this.#fn, this.#args), listener);
  }

  /** An attempt starts. */
  begin(): void {
    this.#attempt += 1;
    this.#state = 'running';
    if (this.#attempt > 1) this.#extras?.renewSignal();
    this.#extras?.started?.resolve();
    this.home?.started(this);
  }

  /**
   * An attempt failed, and another one will follow.
   *
   * @param isAskedFor whether the attempt has asked for it, and so does not count
   */
  pause(error: Error, isAskedFor: boolean): void {
    if (isAskedFor) this.more.postponed += 1;
    this.#state = 'scheduled';
    this.home?.retrying(this, error);
  }

  /** Leaves the next attempt to the engine that keeps the task. `false` when none does. */
  handBack(_pauseMs: number, _error: Error, _isAskedFor: boolean): boolean {
    return false;
  }

  /** Fires the signal of the attempt. */
  abort(reason: unknown): void {
    this.more.abort(reason);
  }

  /** Fires the signal because the application shuts down. */
  shutDown(reason: Error): void {
    this.more.shutdownReason = reason;
    // The shutdown does not wait for it, so it must not block shielded tasks.
    if (!this.isShielded) this.underway?.yieldSlot?.();
    this.abort(reason);
  }

  /** Ends the task because the shutdown waits for it no longer. */
  giveUp(reason: unknown): void {
    this.settle({ status: 'dropped', reason });
  }

  /** Cancels the task when `options.signal` fires, until it settles. */
  linkSignal(): void {
    const { signal } = this.options;
    if (!signal || this.isSettled) return;
    this.more.unlinkSignal = cancelOn(signal, this);
  }

  /** The only way into a final state. `false` when the task has already settled. */
  settle(outcome: TaskOutcome): boolean {
    if (typeof this.#state !== 'string') return false;
    const before = this.#state;
    const { home, underway } = this;
    this.#state = outcome;
    this.#home = home?.resources;
    this.underway = undefined;
    this.#extras?.unlinkSignal?.();
    underway?.interrupt();
    this.#extras?.started?.resolve();
    this.#extras?.settled?.resolve(outcome);
    home?.settled(this, outcome, before);
    return true;
  }

  // Not `#more`: with private methods or accessors, each instance has a field more.
  protected get more(): TaskExtras {
    return (this.#extras ??= new TaskExtras());
  }
}
