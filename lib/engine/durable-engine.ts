import type { Duration } from '../core/duration.js';
import type { Backoff } from '../core/task-options.js';
import type { TaskPhase } from '../core/task.js';

/**
 * The form in which the arguments of a task travel.
 *
 * @publicApi
 */
export interface ArgumentCodec {
  /**
   * The text that an engine stores for them.
   *
   * @throws TaskInvalidArgumentError that names the path of what cannot travel
   */
  encode(args: readonly unknown[], taskName: string): string;
  /** The arguments that such a text stands for. */
  decode(payload: string): unknown[];
}

/**
 * What an engine stores of a task: all that a worker needs to run it. Plain data, to
 * be kept as it is.
 *
 * @publicApi
 */
export interface TaskJob {
  /** Of this form; a worker refuses those that are newer than it knows. */
  readonly version: number;
  /** The id of the task: the same in every process, and whenever it runs again. */
  readonly id: string;
  /** The name of the declaration. */
  readonly task: string;
  /** The arguments, encoded. */
  readonly args: string;
  /** The moment at which it was stored. */
  readonly phase: TaskPhase;
  /** The idempotency key: at most one waiting job has it. */
  readonly key?: string | undefined;
  /** What the call said of it, where that differs from the declaration. */
  readonly options: TaskJobOptions;
  /** What links it to the request that scheduled it, such as a trace id. */
  readonly context?: Readonly<Record<string, string>> | undefined;
}

/**
 * The options of one call that travel with its job.
 *
 * @publicApi
 */
export interface TaskJobOptions {
  /** What logs and events call the task. */
  readonly name?: string | undefined;
  /** Whether the shutdown of a worker waits for it. */
  readonly shield?: boolean | undefined;
  /** How long one attempt may take. */
  readonly timeout?: Duration | undefined;
  /** How many further attempts follow a failed one. */
  readonly retries?: number | undefined;
  /** The pause before a further attempt; a function cannot travel. */
  readonly backoff?: Exclude<Backoff, CallableFunction> | undefined;
}

/**
 * What became of one attempt to run a job, and so what the engine is to do with it.
 *
 * - `done`: forget it
 * - `retry`: run it again after that time, with the attempt counted
 * - `failed`: never run it again, keep it as failed
 * - `returned`: the worker shuts down; put it back at once, with the attempt not counted
 * - `refused`: this worker cannot run it; never run it again, keep it as failed
 *
 * @publicApi
 */
export type TaskJobOutcome =
  | { readonly status: 'done' | 'returned' }
  | {
      readonly status: 'retry';
      readonly afterMs: number;
      readonly error: Error;
    }
  | { readonly status: 'failed' | 'refused'; readonly error: Error };

/**
 * The application, as its engine sees it.
 *
 * @publicApi
 */
export interface EngineHost {
  /**
   * Runs a job that the engine has taken. Never rejects.
   *
   * @param attempt counted from 1
   */
  run(job: TaskJob, attempt: number): Promise<TaskJobOutcome>;
  /** Writes to the log of the application. */
  readonly log: {
    error(message: string, error?: unknown): void;
    warn(message: string): void;
  };
}

/**
 * What stores durable tasks and has them run: the contract that adapters of queues
 * fulfil. It knows nothing of NestJS; the application knows nothing of its store.
 *
 * @publicApi
 */
export interface DurableEngine {
  /** For logs and errors, such as `'bullmq'`. */
  readonly name: string;
  /** The form of the arguments in its jobs. */
  readonly codec: ArgumentCodec;
  /**
   * For how long the application waits until jobs are stored, before it does what
   * `fallback` says.
   *
   * @default '2s'
   */
  readonly enqueueTimeout?: Duration | undefined;
  /**
   * What is done with a task that could not be stored in time: run it in this process,
   * or let it fail.
   *
   * @default 'in-process'
   */
  readonly fallback?: 'in-process' | 'fail' | undefined;
  /**
   * Connects, and begins to run jobs if it is a worker. Resolves, within a few seconds,
   * although its store cannot be reached: it then goes on trying.
   */
  start(host: EngineHost): Promise<void>;
  /**
   * Stores jobs, all in one round trip where the store can. Resolves when they are
   * stored, with their ids in the store in the same order; rejects otherwise. What is
   * done with the store's connection before the first `await` is done when this returns.
   *
   * @param transaction what the caller gave as `transaction`: they are stored if, and
   * only if, it is committed
   */
  enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly string[]>;
  /** Removes a job that has not begun, by its id in the store; says whether it was there. */
  cancel(jobId: string): Promise<boolean>;
  /** Takes no further jobs. Those that run go on; what they end with is still told to the store. */
  pause(): Promise<void>;
  /**
   * Lets go of all that it holds. Resolves within that time, whatever the store does;
   * jobs that still run are left to be found again by another worker.
   */
  stop(withinMs: number): Promise<void>;
}
