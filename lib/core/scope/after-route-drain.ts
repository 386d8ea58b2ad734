import { nextMicrotask } from '../base/clock.js';
import { TaskDroppedError } from '../base/errors.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { TaskOutcome } from '../task/task-outcome.js';
import type { ScopeHost } from './scope-host.js';

/** What a response waits for: the after-route tasks of one route. */
export class AfterRouteDrain {
  readonly #host: ScopeHost;
  readonly #unsettled = new Set<ScheduledTask>();
  #requiredUnsettled = 0;
  #requiredFailure: { readonly error: unknown } | undefined;
  #begun = false;
  #isUnawaited = false;
  #timedOut = false;
  #stopTimer: (() => void) | undefined;
  #finish: (() => void) | undefined;

  constructor(host: ScopeHost) {
    this.#host = host;
  }

  /** Whether a task that is scheduled now is too late for this drain. */
  get isOver(): boolean {
    return this.#begun && (this.#unsettled.size === 0 || this.#timedOut);
  }

  /** @param isRunning whether the handler whose response may wait for it is running */
  scheduled(task: ScheduledTask, isRunning: boolean): void {
    task.isAwaited = isRunning && !this.isOver && this.#mayAwait(task);
    this.#unsettled.add(task);
    if (task.options.required) this.#requiredUnsettled += 1;
  }

  /** The handler starts after tasks have been scheduled, as by a guard. */
  handlerStarted(): void {
    for (const task of this.#unsettled) {
      if (this.#mayAwait(task)) this.#host.taskAwaited(task, true);
    }
  }

  settled(task: ScheduledTask, outcome: TaskOutcome): void {
    if (!this.#unsettled.delete(task)) return;
    if (task.options.required) {
      this.#requiredUnsettled -= 1;
      this.#requiredFailure ??= failureOf(outcome);
    }
    this.#check();
  }

  /**
   * Waits, after the tasks have been released: for the required ones in any case, for
   * the others as the settings say. `undefined` when there is nothing to wait for, or
   * nothing that waits.
   *
   * @throws (rejects with) the error of the first required task that failed
   */
  begin(isAwaited: boolean): Promise<void> | undefined {
    this.#begun = true;
    if (!isAwaited) {
      this.#isUnawaited = true;
      for (const task of this.#unsettled) this.#expose(task);
      return undefined;
    }
    if (this.#isDone()) {
      return (
        this.#requiredFailure && Promise.reject(this.#requiredFailure.error)
      );
    }
    const { awaited, timeoutMs } = this.#host.afterRoute;
    if (awaited === 'afterRoute' && timeoutMs !== Infinity) {
      // Tasks that do not await anything have settled by then, and a timer costs as much.
      nextMicrotask(() => this.#limit(timeoutMs));
    }
    return new Promise((resolve, reject) => {
      this.#finish = () => {
        if (this.#requiredFailure) reject(this.#requiredFailure.error);
        else resolve();
      };
    });
  }

  /** Waits no longer for a task that waits for the end of the application itself. */
  forgo(task: ScheduledTask): void {
    if (!task.isAwaited || !this.#unsettled.delete(task)) return;
    if (task.options.required) this.#requiredUnsettled -= 1;
    this.#host.incidents.notAwaited(task);
    this.#expose(task);
    this.#check();
  }

  #limit(timeoutMs: number): void {
    if (this.#unsettled.size === 0) return;
    const { clock } = this.#host;
    this.#stopTimer = clock.after(timeoutMs, () => this.#timeOut(timeoutMs));
  }

  #timeOut(timeoutMs: number): void {
    this.#timedOut = true;
    const late = [...this.#unsettled].filter(
      ({ options }) => !options.required,
    );
    if (late.length > 0) this.#host.incidents.drainTimedOut(late, timeoutMs);
    for (const task of late) this.#expose(task);
    this.#check();
  }

  #mayAwait({ options }: ScheduledTask): boolean {
    const { awaited } = this.#host.afterRoute;
    if (awaited === 'nothing' || this.#isUnawaited) return false;
    return options.required === true || awaited === 'afterRoute';
  }

  /** The task is no longer a part of the request. */
  #expose(task: ScheduledTask): void {
    if (task.isAwaited) this.#host.taskAwaited(task, false);
  }

  #check(): void {
    if (this.#begun && this.#unsettled.size === 0) this.#stopTimer?.();
    if (this.#finish && this.#isDone()) {
      this.#finish();
      this.#finish = undefined;
    }
  }

  #isDone(): boolean {
    const { awaited } = this.#host.afterRoute;
    if (awaited === 'nothing' || this.#unsettled.size === 0) return true;
    if (this.#requiredUnsettled > 0) return false;
    return awaited === 'required' || this.#timedOut;
  }
}

/** A required task that was cancelled is no longer wanted; one that was dropped still is. */
function failureOf(outcome: TaskOutcome): { error: unknown } | undefined {
  if (outcome.status === 'failed') return { error: outcome.error };
  if (outcome.status !== 'dropped') return undefined;
  return {
    error:
      outcome.reason instanceof Error
        ? outcome.reason
        : new TaskDroppedError('A required task was dropped.'),
  };
}
