import { quoted } from '../base/describe.js';
import type { Clock } from '../base/clock.js';
import { Deadline } from '../base/deadline.js';
import { TaskDroppedError } from '../base/errors.js';
import type { ShutdownSettings } from '../options/task-settings.js';
import { ScheduledTask } from '../running/scheduled-task.js';
import { callingTask } from '../task/task-context.js';
import type { AppResources } from './app-resources.js';
import { limitAwaited } from './limit-awaited.js';
import type { LogLines } from './log-lines.js';

/** What the shutdown needs to see of the application's tasks. */
export interface ShutdownHost {
  readonly clock: Clock;
  readonly lines: LogLines;
  readonly resources: AppResources;
  unsettledTasks(): readonly ScheduledTask[];
  /** How many of the unsettled tasks are shielded. */
  readonly shielded: number;
  /** Whether an error handler is running, for another task than these. */
  hasRunningHandlers(except: ReadonlyMap<ScheduledTask, unknown>): boolean;
}

/**
 * Ends the work of an application within `gracePeriod + abortPeriod`: unshielded tasks
 * are dropped, or their signal fires, at once; shielded ones continue through the grace
 * period; then every signal fires, and what has not settled after the abort period is
 * dropped. It drains twice: before other modules are destroyed, and after the server
 * has closed.
 */
export class Shutdown {
  readonly #host: ShutdownHost;
  readonly #settings: ShutdownSettings;
  #graceLeftMs: number;
  #abortLeftMs: number;
  #state: 'open' | 'draining' | 'aborted' | 'closed' = 'open';
  /**
   * The tasks that requested the shutdown, and in which attempt. They wait for it, so it
   * does not wait for them.
   */
  readonly #callers = new Map<ScheduledTask, number>();
  readonly #dropped: string[] = [];
  /** The number of drains in progress. */
  #drains = 0;
  #whenChanged: (() => void) | undefined;
  #drained: Promise<void> = Promise.resolve();

  constructor(host: ShutdownHost, settings: ShutdownSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#graceLeftMs = settings.gracePeriodMs;
    this.#abortLeftMs = settings.abortPeriodMs;
  }

  /** How much of its time is left, for what is closed after the tasks. */
  get leftMs(): number {
    return this.#graceLeftMs + this.#abortLeftMs;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Why `task` can no longer be scheduled, if so. */
  refusal(task: ScheduledTask): Error | undefined {
    if (this.#state === 'open') return undefined;
    if (this.#state === 'draining' && task.isShielded) return undefined;
    // The server may serve on for a while, and the request ends before it does.
    if (this.#state === 'aborted' && task.isAwaited) return undefined;
    return this.#reason(task);
  }

  /** Notes the drop of a task for the line at the end of a drain. `false` when none is in progress. */
  note(task: ScheduledTask): boolean {
    if (this.#drains === 0) return false;
    this.#dropped.push(task.name);
    return true;
  }

  /** To be called when a task is no longer shielded by a response that waits for it. */
  exposed(task: ScheduledTask): void {
    if (this.#state !== 'open' && !task.isShielded && !this.#isWaiting(task)) {
      if (task.status === 'running') task.shutDown(this.#reason(task));
      else this.#drop(task);
    }
    this.changed();
  }

  /** To be called when a task starts that a response waits for. */
  started(task: ScheduledTask): void {
    const isBetweenDrains = this.#state !== 'open' && this.#drains === 0;
    if (!isBetweenDrains || task.attempt > 1) return;
    const reason = this.#reason(task);
    void limitAwaited(task, this.#settings, this.#host.clock, reason);
  }

  /** To be called whenever a task has settled or an error handler is done. */
  changed(): void {
    this.#whenChanged?.();
  }

  /**
   * Drains; after the `last` drain nothing is accepted and nothing is left. Drains run
   * one after the other, so that they share the periods.
   */
  drain(last: boolean): Promise<void> {
    const caller = callingTask();
    if (caller instanceof ScheduledTask) {
      this.#callers.set(caller, caller.attempt);
      // The server waits for the response, so the response must not wait for the caller.
      caller.home?.forgo?.(caller);
      this.changed();
    }
    this.#drains += 1;
    if (this.#state === 'open') {
      this.#state = 'draining';
      this.#endUnshielded();
      this.#logDrops('The application is shutting down');
    }
    this.#drained = this.#drained.then(() => this.#drainShielded(last));
    return this.#drained;
  }

  async #drainShielded(last: boolean): Promise<void> {
    // In a loop: a continuation of the last task may have scheduled another one.
    while (this.#state === 'draining' && !this.#isQuiet()) {
      this.#graceLeftMs = await this.#quietWithin(this.#graceLeftMs);
      if (this.#graceLeftMs === 0) await this.#abort();
    }
    if (last) {
      this.#state = 'closed';
      this.#dropAll();
      this.#giveUpCallers();
      await this.#dispose();
    }
    this.#logDrops('The application has shut down its tasks');
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
      // A job that waits for a slot may start at once in another worker.
      (task) => !task.isShielded || (task.isResumed && task.attempt === 0),
    );
    // The queued ones first: the slots of the running ones are for shielded tasks.
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

  /** The engine waits for the jobs that it has taken, and so for these. */
  #giveUpCallers(): void {
    for (const caller of this.#callers.keys()) {
      if (caller.isResumed && !caller.isSettled) this.#drop(caller);
    }
  }

  #drop(task: ScheduledTask): void {
    task.shutDown(this.#reason(task));
    task.giveUp(task.shutdownReason);
  }

  /** Disposes of what the tasks shared, and waits for that while any time is left. */
  async #dispose(): Promise<void> {
    const { clock, resources } = this.#host;
    const disposed = resources.dispose();
    if (disposed) await new Deadline(this.leftMs, clock).meets(disposed);
  }

  /**
   * Waits until no shielded task and no error handler is left, but no longer than that;
   * returns how much of the period is left.
   */
  async #quietWithin(periodMs: number): Promise<number> {
    if (this.#isQuiet()) return periodMs;
    const deadline = new Deadline(periodMs, this.#host.clock);
    const quiet = new Promise<void>((resolve) => {
      this.#whenChanged = () => {
        if (this.#isQuiet()) resolve();
      };
    });
    const isMet = await deadline.meets(quiet);
    this.#whenChanged = undefined;
    return isMet ? deadline.leftMs : 0;
  }

  #isQuiet(): boolean {
    if (this.#host.hasRunningHandlers(this.#callers)) return false;
    let { shielded } = this.#host;
    for (const caller of this.#callers.keys()) {
      if (caller.isShielded && this.#isWaiting(caller)) shielded -= 1;
    }
    return shielded === 0;
  }

  /** Whether a task waits for the shutdown itself; a further attempt of it does not. */
  #isWaiting(task: ScheduledTask): boolean {
    return (
      task.status === 'running' && this.#callers.get(task) === task.attempt
    );
  }

  *#others(): Iterable<ScheduledTask> {
    for (const task of this.#host.unsettledTasks()) {
      // Ending one of them may settle another one.
      if (!task.isSettled && !this.#isWaiting(task)) yield task;
    }
  }

  #reason(task: ScheduledTask): Error {
    return (
      task.shutdownReason ??
      new TaskDroppedError(
        `Task ${quoted(task.name)} was dropped: ${this.#why(task)}`,
      )
    );
  }

  #why(task: ScheduledTask): string {
    if (this.#state === 'closed')
      return 'the application has already shut down.';
    return task.isShielded
      ? 'the grace period of the shutdown is over. Raise `shutdown.gracePeriod` if it needs longer.'
      : 'the application is shutting down. Schedule it with `shield: true` if it must be completed.';
  }

  #logDrops(what: string): void {
    const names = this.#dropped.splice(0);
    if (names.length > 0) this.#host.lines.droppedAtShutdown(what, names);
  }
}
