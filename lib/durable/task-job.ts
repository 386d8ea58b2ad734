import type { Duration } from '../core/base/duration.js';
import type { TaskPhase } from '../core/task/task-phase.js';
import type { Backoff } from '../core/task/task.js';

/**
 * What an engine stores of a task: all that a worker needs to run it. Plain data, to be
 * stored unchanged.
 *
 * @publicApi
 */
export interface TaskJob {
  /** The version of this form; a worker refuses jobs of a newer one than it knows. */
  readonly version: number;
  /** The id of the task: the same in every process, and in every run. */
  readonly id: string;
  /** The name of the declaration. */
  readonly task: string;
  /** The arguments, encoded. */
  readonly args: string;
  /** The phase in which it was scheduled. */
  readonly phase: TaskPhase;
  /** The idempotency key: at most one waiting job of the same task and queue has it. */
  readonly key?: string | undefined;
  /** When it was scheduled, in milliseconds since 1970. */
  readonly scheduledAt?: number | undefined;
  /** The options of the call that differ from those of the declaration. */
  readonly options: TaskJobOptions;
  /** Its place in the queue, from 0, the first, to 9; 0 when it is missing. */
  readonly priority?: number | undefined;
  /** The queue that it is in; `'default'` when it is missing. */
  readonly queue?: string | undefined;
  /** How long after it was stored it starts, at the earliest, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** When it starts, at the earliest, in milliseconds since 1970. */
  readonly dueAt?: number | undefined;
  /** The occurrence of a recurring task that it is, in milliseconds since 1970. */
  readonly scheduledFor?: number | undefined;
  /** Links it to the request that scheduled it, such as by a trace id. */
  readonly context?: Readonly<Record<string, string>> | undefined;
}

/**
 * The options of one call that travel with its job.
 *
 * @publicApi
 */
export interface TaskJobOptions {
  /** The name of the task in logs and events. */
  readonly name?: string | undefined;
  /** Of a run in the process that called it; the shutdown of a worker waits for each job. */
  readonly shield?: boolean | undefined;
  /** How long one attempt may take. */
  readonly timeout?: Duration | undefined;
  /** How many further attempts follow a failed one. */
  readonly retries?: number | undefined;
  /** The pause before a further attempt; a function cannot be stored. */
  readonly backoff?: Exclude<Backoff, CallableFunction> | undefined;
}
