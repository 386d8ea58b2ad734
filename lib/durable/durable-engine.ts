import type { Duration } from '../core/base/duration.js';
import type { EngineFeature } from '../core/running/durable-task.js';
import type { StoredJobs } from './stored-jobs.js';
import type { TaskRecurrence } from '../core/task/recurrence.js';
import type { TaskJob } from './task-job.js';
import type { ScheduleChanges, TaskSchedule } from './task-schedule.js';
import type { StoredSchedule } from './stored-task.js';

export type { TaskJob, TaskJobOptions } from './task-job.js';

/**
 * Converts the arguments of a task to text and back.
 *
 * @publicApi
 */
export interface ArgumentCodec {
  /**
   * The text that an engine stores for these arguments.
   *
   * @throws TaskInvalidArgumentError that names the path of a value that cannot be stored
   */
  encode(args: readonly unknown[], taskName: string): string;
  /** The arguments that such a text was made from. */
  decode(payload: string): unknown[];
}

/**
 * How one attempt to run a job ended, and so what the engine does with the job.
 *
 * - `done`: it has succeeded, and is removed, unless its `result` is to be kept
 * - `cancelled`: it was cancelled in this process; it never runs again, and is kept as
 *   cancelled
 * - `retry`: it runs again after that time; counts as a start and as a failure
 * - `postponed`: it has asked to run again after that time; counts as a start, but not as
 *   a failure
 * - `failed`: it never runs again, and is kept as failed
 * - `returned`: the worker is shutting down; it is put back at once, and the attempt
 *   counts as a start, but not as a failure
 * - `unknown`: this process does not know it, as during a deploy; it is put back with a
 *   growing pause, counts neither as a start nor as a failure, and is kept as failed
 *   after `unknownFor`
 * - `lost`: the signal that the engine passed has fired; there is nothing to record, as
 *   the store has cancelled the job or given it to another worker
 * - `refused`: no worker can run it; it never runs again, and is kept as failed
 *
 * @publicApi
 */
export type TaskJobOutcome =
  | {
      readonly status: 'done';
      /** What its method returned, encoded, if that is to be kept. */
      readonly result?: string | undefined;
      /** For how long, in milliseconds. */
      readonly keepMs?: number | undefined;
    }
  | { readonly status: 'returned' }
  | {
      readonly status: 'retry' | 'postponed';
      readonly afterMs: number;
      readonly error: Error;
    }
  | {
      readonly status: 'failed' | 'refused' | 'unknown' | 'lost' | 'cancelled';
      readonly error: Error;
    };

/**
 * What an engine knows of an attempt besides its number.
 *
 * @publicApi
 */
export interface JobRunDetails {
  /**
   * How many attempts at the job have failed.
   *
   * @default all before this one
   */
  readonly failures?: number | undefined;
  /**
   * Fires when the engine learns that the job is no longer this worker's. The reason is a
   * `TaskLostError` when another worker may have it, else an error that says who cancelled
   * it, and the task then ends as `cancelled`.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Of an occurrence of a recurring task: notes that it begins. With `skip` it resolves with
   * `false`, and notes nothing, while an earlier occurrence has not ended in any process, its
   * retries included.
   */
  readonly begin?:
    ((overlap: TaskRecurrence['overlap']) => Promise<boolean>) | undefined;
  /**
   * Stores how far the job is, encoded, no more often than suits the store: values in
   * order, the last one always, if the store answers in time; none once the signal has
   * fired. Resolves when that is done, or at once, and within `enqueueTimeout` in any case.
   */
  readonly progress?: ((payload: string) => Promise<void>) | undefined;
}

/**
 * The application, as seen by its engine.
 *
 * @publicApi
 */
export interface EngineHost {
  /**
   * Runs a job that the engine has taken. Never rejects.
   *
   * @param job as the store has it: the application checks it, and refuses what is not a
   * {@link TaskJob}
   * @param attempt how often the job has been started anywhere, this time included
   */
  run(
    job: unknown,
    attempt: number,
    details?: JobRunDetails,
  ): Promise<TaskJobOutcome>;
  /**
   * The queues that the declared tasks of the application name, `'default'` included.
   *
   * @default ['default']
   */
  readonly queues?: readonly string[] | undefined;
  /**
   * The recurring tasks of the application. The engine makes its schedules agree with them
   * once it has started and its store is available, whichever of several processes is first.
   *
   * @default none
   */
  readonly schedules?: readonly TaskSchedule[] | undefined;
  /** The engine calls it with what that has changed. */
  schedulesChanged?(changes: ScheduleChanges): void;
  /** Writes to the log of the application. */
  readonly log: {
    error(message: string, error?: unknown): void;
    warn(message: string): void;
  };
}

/**
 * Stores durable tasks and runs them: the contract of every adapter of a queue. It does
 * not depend on NestJS, and the application does not depend on its store.
 *
 * @publicApi
 */
export interface DurableEngine {
  /** For logs and errors, such as `'bullmq'`. */
  readonly name: string;
  /**
   * What it can do beyond storing and running jobs. Options that need anything else are
   * refused.
   *
   * @default []
   */
  readonly features?: readonly EngineFeature[] | undefined;
  /** Encodes the arguments of its jobs. */
  readonly codec: ArgumentCodec;
  /**
   * How long the application waits for jobs to be stored before it applies `fallback`.
   *
   * @default '2s'
   */
  readonly enqueueTimeout?: Duration | undefined;
  /**
   * What happens to a task that could not be stored in time: it runs in this process, or
   * it fails.
   *
   * @default 'in-process'
   */
  readonly fallback?: 'in-process' | 'fail' | undefined;
  /**
   * An engine with the same options and connections of its own. Each application calls it
   * once and uses what it returns, so that one engine object can serve several
   * applications. An engine without it serves one application.
   */
  open?(): DurableEngine;
  /**
   * Whether this process runs the jobs of a queue, or its options say that others do. The
   * application warns of a task whose queue nobody seems to work. `true` for every queue
   * in a process without a worker.
   *
   * @default every queue is known
   */
  knowsQueue?(queue: string): boolean;
  /**
   * Connects, and begins to run jobs if this process is a worker. Resolves within a few
   * seconds even if the store cannot be reached; it then keeps trying.
   *
   * @throws (rejects with) an error for what does not get better by waiting, such as a
   * missing package or an address that cannot be parsed; bootstrap then fails with it
   */
  start(host: EngineHost): Promise<void>;
  /**
   * Stores jobs, in one round trip if the store supports it. Resolves, in the same order,
   * with the id in the store of each job that is stored, and an error for each that is not
   * or may not be; rejects when none is. It settles truthfully however late that is: the
   * application cancels what was stored after it had given up. Statements of a
   * `transaction` must be issued before this call returns.
   *
   * @param transaction the option of the call: the jobs are stored if, and only if, it is
   * committed
   */
  enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly (string | Error)[]>;
  /** Removes a job that has not begun, by its id in the store. `false` when there is none. */
  cancel(jobId: string): Promise<boolean>;
  /** Access to the jobs in its store; `StoredTasks` is refused to an application without it. */
  readonly stored?: StoredJobs | undefined;
  /** All schedules in its store. An engine with the feature `repeat` has this. */
  schedules?(): Promise<readonly StoredSchedule[]>;
  /** Takes no further jobs. Running jobs continue, and their ends are still recorded. */
  pause(): Promise<void>;
  /**
   * Releases everything it holds, for good. Resolves within that time, whatever the store does;
   * jobs that still run are left for another worker to find.
   */
  stop(withinMs: number): Promise<void>;
}
