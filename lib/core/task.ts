import type { TaskOptions } from './task-options.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';

/**
 * The moment at which a task starts: at once, when the handler is done, or when
 * the response has ended.
 *
 * @publicApi
 */
export type TaskPhase = 'immediate' | 'afterRoute' | 'afterResponse';

/**
 * The response that an after-response task followed.
 *
 * @publicApi
 */
export interface TaskResponse {
  /** The status that was sent. */
  readonly statusCode: number;
  /** Whether it was sent whole: `false` when the connection closed before. */
  readonly delivered: boolean;
}

/**
 * A scheduled task: returned by `schedule()`, given to error handlers. It is no
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
  /** Fires when the attempt times out, the task is cancelled, or the application shuts down. */
  readonly signal: AbortSignal;
  /** The response (HTTP, after-response tasks only, once it has ended). */
  readonly response?: TaskResponse | undefined;
  /**
   * Settles the task as cancelled at once and fires its signal; a late result is
   * ignored. Returns `false` when the task had settled already.
   */
  cancel(reason?: unknown): boolean;
  /** Resolves when the first attempt starts, or when the task settles. */
  started(): Promise<void>;
  /** Resolves with the outcome; never rejects. */
  settled(): Promise<TaskOutcome<R>>;
  /**
   * One more plain execution of the function, for error handlers: no retries, no
   * timeout, no handlers. Changes nothing about the task.
   *
   * @throws (rejects with) what the function fails with
   */
  run(): Promise<R>;
}
