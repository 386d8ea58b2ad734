import type { Clock } from './clock.js';
import { TaskDroppedError } from './errors.js';
import type { TaskLog } from './task-log.js';
import type { TaskOutcome } from './task-outcome.js';
import type { ScheduledTask } from './scheduled-task.js';

/**
 * Which tasks of a route its response waits for. An application is given `required`
 * or `afterRoute`; `nothing` and `everything` are for tests.
 */
export type AwaitedTasks = 'nothing' | 'required' | 'afterRoute' | 'everything';

export interface AfterRouteSettings {
  readonly awaited: AwaitedTasks;
  /** For how long the response waits for after-route tasks, if they are all it waits for. */
  readonly timeoutMs: number;
}

/** What a response waits for: the after-route tasks of one route. */
export class AfterRouteDrain {
  readonly #clock: Clock;
  readonly #settings: AfterRouteSettings;
  readonly #log: TaskLog;
  readonly #unsettled = new Set<ScheduledTask>();
  #requiredUnsettled = 0;
  #requiredFailure: { readonly error: unknown } | undefined;
  #begun = false;
  #timedOut = false;
  #stopTimer: (() => void) | undefined;
  #finish: (() => void) | undefined;

  constructor(clock: Clock, settings: AfterRouteSettings, log: TaskLog) {
    this.#clock = clock;
    this.#settings = settings;
    this.#log = log;
  }

  /** Whether a task that is scheduled now comes too late for this drain. */
  get isOver(): boolean {
    return this.#begun && (this.#unsettled.size === 0 || this.#timedOut);
  }

  scheduled(task: ScheduledTask): void {
    this.#unsettled.add(task);
    if (task.options.required) this.#requiredUnsettled += 1;
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
   * Waits, now that the tasks are released: for the required ones in any case, for
   * the others as the settings say. `undefined` when there is nothing to wait for.
   *
   * @throws (rejects with) the error of the first required task that failed
   */
  begin(): Promise<void> | undefined {
    this.#begun = true;
    if (this.#isDone()) {
      return (
        this.#requiredFailure && Promise.reject(this.#requiredFailure.error)
      );
    }
    if (this.#settings.awaited === 'afterRoute') {
      const { timeoutMs } = this.#settings;
      this.#stopTimer = this.#clock.after(timeoutMs, () => {
        this.#timedOut = true;
        this.#warnOfTimeout(timeoutMs);
        this.#check();
      });
    }
    return new Promise((resolve, reject) => {
      this.#finish = () => {
        if (this.#requiredFailure) reject(this.#requiredFailure.error);
        else resolve();
      };
    });
  }

  /** The tasks are released, but no response waits for them, as when no handler ran. */
  beginUnawaited(): void {
    this.#begun = true;
  }

  #warnOfTimeout(timeoutMs: number): void {
    const names = [...this.#unsettled]
      .filter(({ options }) => !options.required)
      .map(({ name }) => `"${name}"`);
    if (names.length === 0) return;
    this.#log.warn(
      `The response waited ${timeoutMs} ms for after-route tasks and goes out without them: ${names.join(', ')}. ` +
        'They go on. Raise `afterRoute.timeout`, or schedule slow work on `tasks.afterResponse`.',
    );
  }

  #check(): void {
    if (this.#begun && this.#unsettled.size === 0) this.#stopTimer?.();
    if (this.#finish && this.#isDone()) {
      this.#finish();
      this.#finish = undefined;
    }
  }

  #isDone(): boolean {
    const { awaited } = this.#settings;
    if (awaited === 'nothing' || this.#unsettled.size === 0) return true;
    if (this.#requiredUnsettled > 0) return false;
    return awaited === 'required' || this.#timedOut;
  }
}

/** A required task that was cancelled was not wanted any more; one that was dropped was. */
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
