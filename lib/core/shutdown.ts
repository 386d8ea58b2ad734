import type { AppResources } from './app-resources.js';
import type { Clock } from './clock.js';
import { TaskDroppedError } from './errors.js';
import { callingTask } from './task-context.js';
import type { TaskLog } from './task-log.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { Task } from './task.js';

export interface ShutdownSettings {
  /** For how long shielded tasks may go on. */
  readonly gracePeriodMs: number;
  /** For how long tasks may react to their signal, after that. */
  readonly abortPeriodMs: number;
}

/** What the shutdown needs to see of the application's tasks. */
export interface ShutdownHost {
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly resources: AppResources;
  /** Those of this moment. */
  unsettledTasks(): readonly ScheduledTask[];
  /** How many of them are shielded. */
  readonly shielded: number;
  /** Whether an error handler runs, for another task than these. */
  hasRunningHandlers(except: ReadonlyMap<Task, unknown>): boolean;
}

/**
 * Ends the work of an application within `gracePeriod + abortPeriod`: unshielded
 * tasks are dropped or have their signal fired at once, shielded ones go on
 * through the grace period, then every signal fires, and what has not settled
 * after the abort period is dropped. It drains twice: before the application's
 * parts are taken down, and after the server has closed.
 */
export class Shutdown {
  readonly #host: ShutdownHost;
  #graceLeftMs: number;
  #abortLeftMs: number;
  #state: 'open' | 'draining' | 'aborted' | 'closed' = 'open';
  /**
   * The tasks that called for the shutdown, and in which attempt: they wait for it,
   * so it does not wait for them.
   */
  readonly #callers = new Map<Task, number>();
  readonly #dropped: string[] = [];
  /** The drains that go on. */
  #drains = 0;
  #whenChanged: (() => void) | undefined;
  #drained: Promise<void> = Promise.resolve();

  constructor(host: ShutdownHost, settings: ShutdownSettings) {
    this.#host = host;
    this.#graceLeftMs = settings.gracePeriodMs;
    this.#abortLeftMs = settings.abortPeriodMs;
  }

  /** How much of its time is left, for what is to be taken down after the tasks. */
  get leftMs(): number {
    return this.#graceLeftMs + this.#abortLeftMs;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Why `task` may not be scheduled any more, if so. */
  refusal(task: ScheduledTask): Error | undefined {
    if (this.#state === 'open') return undefined;
    if (this.#state === 'draining' && task.isShielded) return undefined;
    return this.#reason(task);
  }

  /** Whether the drop of a task is named in the line at the end of the drain that goes on. */
  note(task: ScheduledTask): boolean {
    if (this.#drains === 0) return false;
    this.#dropped.push(task.name);
    return true;
  }

  /** To be called whenever a task has settled or an error handler is done. */
  changed(): void {
    this.#whenChanged?.();
  }

  /**
   * Drains; with `last`, nothing is accepted and nothing is left behind afterwards.
   * Drains follow one another, so that none adds to the time another one holds.
   */
  drain(last: boolean): Promise<void> {
    const caller = callingTask();
    if (caller) {
      this.#callers.set(caller, caller.attempt);
      this.changed();
    }
    this.#drains += 1;
    if (this.#state === 'open') {
      this.#state = 'draining';
      this.#endUnshielded();
      this.#tellOfDrops('The application shuts down');
    }
    this.#drained = this.#drained.then(() => this.#drainShielded(last));
    return this.#drained;
  }

  async #drainShielded(last: boolean): Promise<void> {
    // Again, as who waited for the last task may have scheduled another one.
    while (this.#state === 'draining' && !this.#isQuiet()) {
      this.#graceLeftMs = await this.#quietWithin(this.#graceLeftMs);
      if (this.#graceLeftMs === 0) await this.#abort();
    }
    if (last) {
      this.#state = 'closed';
      this.#dropAll();
      await this.#dispose();
    }
    this.#tellOfDrops('The application has shut down its tasks');
    this.#drains -= 1;
  }

  /** The grace period is over: every signal fires, and the abort period passes. */
  async #abort(): Promise<void> {
    this.#state = 'aborted';
    for (const task of this.#others()) {
      if (task.status === 'running') task.shutDown(this.#reason(task));
      else this.#drop(task);
    }
    this.#abortLeftMs = await this.#quietWithin(this.#abortLeftMs);
    this.#dropAll();
  }

  #endUnshielded(): void {
    const unshielded = [...this.#others()].filter(
      ({ isShielded }) => !isShielded,
    );
    // The queued ones first: the slots of those that run are for shielded tasks.
    for (const task of unshielded) {
      if (task.status !== 'running') this.#drop(task);
    }
    for (const task of unshielded) {
      if (task.status === 'running') task.shutDown(this.#reason(task));
    }
  }

  #dropAll(): void {
    for (const task of this.#others()) this.#drop(task);
  }

  #drop(task: ScheduledTask): void {
    task.shutDown(this.#reason(task));
    task.settle({ status: 'dropped', reason: task.shutdownReason });
  }

  /** Takes down what the tasks shared, and waits for that as long as any time is left. */
  async #dispose(): Promise<void> {
    const { clock, resources } = this.#host;
    const disposed = resources.dispose();
    if (!disposed) return;
    let stopTimer: (() => void) | undefined;
    const timeIsUp = new Promise<void>((resolve) => {
      stopTimer = clock.after(this.#graceLeftMs + this.#abortLeftMs, resolve);
    });
    await Promise.race([disposed, timeIsUp]);
    stopTimer?.();
  }

  /**
   * Waits until no shielded task and no error handler is left, for that long at
   * most; says how much of it is left.
   */
  async #quietWithin(periodMs: number): Promise<number> {
    if (this.#isQuiet()) return periodMs;
    const { clock } = this.#host;
    const start = clock.now();
    const isOver = await new Promise<boolean>((resolve) => {
      const stopTimer = clock.after(periodMs, () => resolve(true));
      this.#whenChanged = () => {
        if (!this.#isQuiet()) return;
        stopTimer();
        resolve(false);
      };
    });
    this.#whenChanged = undefined;
    return isOver ? 0 : Math.max(0, periodMs - (clock.now() - start));
  }

  #isQuiet(): boolean {
    if (this.#host.hasRunningHandlers(this.#callers)) return false;
    let { shielded } = this.#host;
    for (const caller of this.#callers.keys()) {
      if (caller.options.shield && this.#isWaiting(caller)) shielded -= 1;
    }
    return shielded === 0;
  }

  /** Whether a task waits for the shutdown itself; a further attempt of it does not. */
  #isWaiting(task: Task): boolean {
    return (
      task.status === 'running' && this.#callers.get(task) === task.attempt
    );
  }

  *#others(): Iterable<ScheduledTask> {
    for (const task of this.#host.unsettledTasks()) {
      // What is done to one of them may settle another one.
      if (!task.isSettled && !this.#isWaiting(task)) yield task;
    }
  }

  #reason(task: ScheduledTask): Error {
    return (
      task.shutdownReason ??
      new TaskDroppedError(
        `Task "${task.name}" was dropped: ${this.#why(task)}`,
      )
    );
  }

  #why(task: ScheduledTask): string {
    if (this.#state === 'closed')
      return 'the application has shut down already.';
    return task.isShielded
      ? 'the grace period of the shutdown is over. Raise `shutdown.gracePeriod` if it needs longer.'
      : 'the application shuts down. Schedule it with `shield: true` if it must be carried through.';
  }

  #tellOfDrops(what: string): void {
    const names = this.#dropped.splice(0);
    if (names.length === 0) return;
    this.#host.log.warn(
      `${what}: ${names.length} ${names.length === 1 ? 'task' : 'tasks'} dropped: ${names.join(', ')}`,
    );
  }
}
