import type { Class } from './class.js';
import type { Duration } from './duration.js';
import type { Task } from './task.js';

/**
 * Which outcome of the route lets an after-route or after-response task run.
 *
 * @publicApi
 */
export type RunOn = 'success' | 'failure' | 'always';

/**
 * Is told of a task's final failure. What it returns is ignored; what it
 * throws or rejects with is logged together with the task's error.
 *
 * @publicApi
 */
export type TaskErrorHandler = (task: Task, error: Error) => unknown;

/**
 * An error handler as an injectable class.
 *
 * @example
 * ```ts
 * @Injectable()
 * class AlertReporter implements TaskErrorReporter {
 *   constructor(private readonly mailer: Mailer) {}
 *
 *   handle(task: Task, error: Error) {
 *     return this.mailer.send('ops@example.com', `${task.name}: ${error.message}`);
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export interface TaskErrorReporter {
  /** Is told once of the final failure of a task. */
  handle(task: Task, error: Error): unknown;
}

/** A class of error reporters: told from a function by `prototype.handle`. */
export type TaskErrorReporterClass = Class<TaskErrorReporter>;

/** One error handler, or a list of them. */
export type OnError =
  | TaskErrorHandler
  | Class<TaskErrorReporter>
  | readonly (TaskErrorHandler | Class<TaskErrorReporter>)[];

/**
 * The pause before a further attempt: as data, or as a function of the attempt
 * that failed (counted from 1) and its error.
 *
 * - `delay`: the pause after the first attempt
 * - `factor`: what each further pause is multiplied with (`exponential`; default 2)
 * - `max`: no pause is longer
 * - `jitter`: 0 to 1, the part of the pause that is left to chance (default 0)
 *
 * @publicApi
 */
export type Backoff =
  | {
      type: 'fixed' | 'exponential';
      delay: Duration;
      max?: Duration | undefined;
      factor?: number | undefined;
      jitter?: number | undefined;
    }
  | ((attempt: number, error: Error) => Duration);

/**
 * What can be said about a task. A key that is `undefined` counts as not given.
 *
 * @publicApi
 */
export interface TaskOptions {
  /**
   * Shown in logs and events.
   *
   * @default the function's name, else `'anonymous'`
   */
  name?: string | undefined;
  /**
   * Keeps the task through the shutdown of the application, up to the grace
   * period. Unshielded tasks are dropped, or have their signal fired, at once.
   *
   * @default false
   */
  shield?: boolean | undefined;
  /**
   * Is told once, when the task has finally failed. Replaces the handlers of
   * the module. Functions, injectable classes, or a list of both.
   */
  onError?: OnError | undefined;
  /**
   * Which outcome of the route lets the task run (after-route and
   * after-response tasks only); otherwise it settles as `skipped`.
   *
   * @default 'success'
   */
  runOn?: RunOn | undefined;
  /**
   * How long one attempt may take. Past it the attempt's signal fires and the
   * attempt fails with `TaskTimeoutError`.
   *
   * @default no limit
   */
  timeout?: Duration | undefined;
  /**
   * How many further attempts follow a failed one.
   *
   * @default 0
   */
  retries?: number | undefined;
  /**
   * The pause before a further attempt.
   *
   * @default exponential from 200 ms, with full jitter
   */
  backoff?: Backoff | undefined;
  /**
   * Whether an error is worth another attempt. `attempt` is the one that failed,
   * counted from 1.
   *
   * @default every error is
   */
  retryIf?: ((error: Error, attempt: number) => boolean) | undefined;
  /** Cancels the task from outside, queued or running. */
  signal?: AbortSignal | undefined;
  /**
   * The route fails with the task's error when the task finally fails, and
   * always waits for it (after-route tasks only). When the handler failed too,
   * the handler's error answers.
   *
   * @default false
   */
  required?: boolean | undefined;
  /**
   * Has the engine of the application store the task, so that it outlives the process
   * and may run in another one. For declared tasks only.
   *
   * @default false
   */
  durable?: boolean | undefined;
  /**
   * The idempotency key of a durable task: while a job of this key waits, no other one
   * is stored. The task finds it in `currentTask().key`.
   *
   * @default none
   */
  key?: string | undefined;
  /**
   * Has a durable task stored by the caller's transaction: it exists if, and only if,
   * that is committed. What it is depends on the engine. Immediate tasks only.
   *
   * @default none
   */
  transaction?: unknown;
}

/**
 * The options of a task: of the application, of the declaration and of the
 * call, the later ones winning key by key. No input is changed.
 */
export function mergeTaskOptions(
  ...layers: readonly (TaskOptions | undefined)[]
): Readonly<TaskOptions> {
  const merged: TaskOptions = {};
  for (const layer of layers) {
    if (!layer) continue;
    // Own keys only, as in their check.
    for (const key of Object.keys(layer) as (keyof TaskOptions)[]) {
      if (layer[key] !== undefined) assign(merged, layer, key);
    }
  }
  return Object.freeze(merged);
}

function assign<K extends keyof TaskOptions>(
  target: TaskOptions,
  source: TaskOptions,
  key: K,
): void {
  target[key] = source[key];
}
