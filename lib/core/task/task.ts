import type { Class } from '../base/class.js';
import type { Duration } from '../base/duration.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { RunOn, TaskPhase, TaskResponse } from './task-phase.js';

/**
 * A scheduled task: returned by `schedule()` and passed to error handlers. It is not a
 * thenable; wait for it with `settled()`.
 *
 * @publicApi
 */
export interface Task<A extends unknown[] = unknown[], R = unknown> {
  /** Unique; a UUID. */
  readonly id: string;
  /** Its `name` option, else that of its declaration or its function, else `'anonymous'`. */
  readonly name: string;
  /** When it starts. */
  readonly phase: TaskPhase;
  /** The idempotency key, if it was given one: the same when the task runs twice. */
  readonly key?: string | undefined;
  /** What its function is called with. */
  readonly args: Readonly<A>;
  /** The options of the application, the declaration and the call, merged. */
  readonly options: Readonly<TaskOptions>;
  /** Where it stands; between two attempts it is `'scheduled'` again. */
  readonly status: TaskStatus;
  /** Counted from 1; 0 before the first attempt has started. */
  readonly attempt: number;
  /** When it was scheduled, in milliseconds since 1970. */
  readonly scheduledAt: number;
  /** Which occurrence of a recurring task it is: when it was due. */
  readonly scheduledFor?: Date | undefined;
  /** When its first attempt in this process started; `undefined` until then. */
  readonly startedAt?: number | undefined;
  /** When it settled in this process; `undefined` until then. */
  readonly endedAt?: number | undefined;
  /** Fires when the attempt times out, the task is cancelled, or the application shuts down. */
  readonly signal: AbortSignal;
  /** The response (HTTP, after-response tasks only, once it has ended). */
  readonly response?: TaskResponse | undefined;
  /**
   * Settles the task as cancelled at once and fires its signal; a late result is
   * ignored. Returns `false` when the task had already settled.
   */
  cancel(reason?: unknown): boolean;
  /**
   * Says how far the task is. The store of a durable task keeps the latest value, for
   * `StoredTasks`: values are stored in order, a few times per second at most. A store that
   * fails, or has not answered within `enqueueTimeout`, is no error: the task continues.
   * Where there is no store, observers get an event `progress`. Ignored unless it is running.
   *
   * @throws (rejects with) TaskInvalidArgumentError for what is not data
   */
  progress(value: unknown): Promise<void>;
  /** Resolves when the first attempt starts, or when the task settles. */
  started(): Promise<void>;
  /** Resolves with the outcome; never rejects. */
  settled(): Promise<TaskOutcome<R>>;
  /**
   * Executes the function once more, for error handlers: no retries, no timeout, no
   * handlers. The task itself does not change.
   *
   * @throws (rejects with) the error of the function
   */
  run(): Promise<R>;
}

/**
 * Called when a task has finally failed. What it returns is ignored; what it throws or
 * rejects with is logged together with the task's error.
 *
 * @publicApi
 */
export type TaskErrorHandler = {
  /** A method, so that a handler may narrow the task to the one that it handles. */
  handle(task: Task, error: Error): unknown;
}['handle'];

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
  /** Called once, when the task has finally failed. */
  handle(task: Task, error: Error): unknown;
}

/** A class of error reporters. It differs from a function by `prototype.handle`. */
export type TaskErrorReporterClass = Class<TaskErrorReporter>;

/** One error handler, or several. */
export type OnError =
  | TaskErrorHandler
  | Class<TaskErrorReporter>
  | readonly (TaskErrorHandler | Class<TaskErrorReporter>)[];

/**
 * The pause before a further attempt: as data, or as a function of the attempt that
 * failed (counted from 1) and its error.
 *
 * - `delay`: the pause after the first attempt
 * - `factor`: what each further pause is multiplied by (`exponential`; default 2)
 * - `max`: the longest pause
 * - `jitter`: 0 to 1, the random part of the pause (default 0)
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
 * The options of a task. A key that is `undefined` counts as not given.
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
   * Keeps the task running through the shutdown of the application, up to the grace
   * period. Unshielded tasks are dropped, or their signal fires, at once.
   *
   * @default false
   */
  shield?: boolean | undefined;
  /**
   * Called once, when the task has finally failed. Replaces the handlers of the
   * module. Functions, injectable classes, or a list of both.
   */
  onError?: OnError | undefined;
  /**
   * Which outcome of the route lets the task run (after-route and after-response tasks
   * only); otherwise it settles as `skipped`.
   *
   * @default 'success'
   */
  runOn?: RunOn | undefined;
  /**
   * How long one attempt may take. After that its signal fires and the attempt fails
   * with `TaskTimeoutError`.
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
   * Whether to try again after this error. `attempt` is the one that failed, counted
   * from 1.
   *
   * @default every error is tried again
   */
  retryIf?: ((error: Error, attempt: number) => boolean) | undefined;
  /**
   * How long after its phase is due the task starts, at the earliest. A task that is not
   * durable waits in memory: it is dropped at shutdown, and `shield` is refused with a
   * delay beyond the grace period. An after-route task with a delay must be durable.
   *
   * @default none
   */
  delay?: Duration | undefined;
  /**
   * When the task starts, at the earliest; a past date is now. The rules are those of
   * `delay`, of which it takes the place.
   *
   * @default none
   */
  at?: Date | undefined;
  /** Cancels the task from outside, queued or running. */
  signal?: AbortSignal | undefined;
  /**
   * Makes the route wait for the task, and fail with its error when the task finally
   * fails (after-route tasks only). When the handler failed too, the response carries
   * the handler's error. Of a durable task it makes the route wait until it is stored or,
   * if it falls back, until it has succeeded here.
   *
   * @default true for durable tasks, else false
   */
  required?: boolean | undefined;
  /**
   * Lets the engine of the application store the task, so that it outlives the process
   * and may run in another one. Declared tasks only.
   *
   * @default false
   */
  durable?: boolean | undefined;
  /**
   * The idempotency key of a durable task, at most 1,000 characters: while a job of the
   * same task name and key waits, no other one is stored. The task reads it from
   * `currentTask().key`.
   *
   * @default none
   */
  key?: string | undefined;
  /**
   * The place of a durable task in its queue: a whole number from 0, the first, to 9, the
   * last. Those of one priority start in their order.
   *
   * @default 0
   */
  priority?: number | undefined;
  /**
   * The queue of the engine that stores a durable task: at most 100 letters, digits, and
   * any of `_ - . /`. Each queue has its own order, keys and concurrency.
   *
   * @default 'default'
   */
  queue?: string | undefined;
  /**
   * Stores a durable task in the caller's transaction: it exists if, and only if, the
   * transaction is committed. Its type depends on the engine. Immediate tasks only.
   *
   * @default none
   */
  transaction?: unknown;
}
