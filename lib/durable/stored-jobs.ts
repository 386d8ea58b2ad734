import type {
  StoredSchedule,
  StoredTaskCounts,
  StoredTaskError,
  StoredTaskStatus,
} from './stored-task.js';

/**
 * A job as its store has it: plain data, a snapshot. Times are in milliseconds since 1970.
 *
 * @publicApi
 */
export interface StoredJob {
  /** Its id in the store. */
  readonly jobId: string;
  /** The queue that it is in. */
  readonly queue: string;
  /** What was stored: a `TaskJob`, if nestjs-tasks has stored it. The application checks it. */
  readonly data: unknown;
  /** Where it stands. */
  readonly status: StoredTaskStatus;
  /** How often it has been started. */
  readonly attempt: number;
  /** When it was stored. */
  readonly storedAt?: number | undefined;
  /** When it is due; only while it is delayed. */
  readonly dueAt?: number | undefined;
  /** When its last attempt started. */
  readonly startedAt?: number | undefined;
  /** When it ended, for good. */
  readonly endedAt?: number | undefined;
  /** The error of the last attempt that failed. */
  readonly error?: StoredTaskError | undefined;
  /** Its last progress, encoded. */
  readonly progress?: string | undefined;
  /** What its method returned, encoded. */
  readonly result?: string | undefined;
}

/**
 * Which jobs are meant: those that match all of it.
 *
 * @publicApi
 */
export interface StoredJobFilter {
  /** At least one. */
  readonly statuses: readonly StoredTaskStatus[];
  /** The name of the task. */
  readonly name?: string | undefined;
  /** One queue; all queues without it. */
  readonly queue?: string | undefined;
  /** The idempotency key; of any task, without a name. */
  readonly key?: string | undefined;
}

/**
 * A part of a list of jobs.
 *
 * @publicApi
 */
export interface StoredJobPage {
  /** The jobs. There may be fewer than were asked for although others follow. */
  readonly jobs: readonly StoredJob[];
  /** Where the next page begins; `undefined` after the last one. */
  readonly cursor?: string | undefined;
}

/**
 * How an engine reports the jobs in its store, and changes them: the optional part
 * of its contract, behind `StoredTasks`. Each method rejects with the error of the store, and with
 * `TaskInvalidOptionError` for a queue that is none of `queues`. Those that change jobs
 * change what they can, and reject only when an error has kept all of them as they were.
 *
 * @publicApi
 */
export interface StoredJobs {
  /** The names of its queues. */
  readonly queues: readonly string[];
  /**
   * The job of a task.
   *
   * @param id the id of the task, or of the job in the store
   */
  find(id: string): Promise<StoredJob | undefined>;
  /**
   * A part of the jobs that match. Those of one status follow each other: ended ones with
   * the last one first, others in an order of the store. A job that keeps its status is in
   * exactly one page, whatever happens to others meanwhile.
   *
   * @param limit how many jobs at most
   * @param cursor of the page before; the first page without it
   */
  page(
    filter: StoredJobFilter,
    limit: number,
    cursor?: string,
  ): Promise<StoredJobPage>;
  /** How many jobs there are, in one queue or in all. */
  counts(queue?: string): Promise<StoredTaskCounts>;
  /**
   * Lets jobs that have ended run again, with all their retries, now, and without their
   * progress. The number of starts continues. One whose status has changed since, or whose
   * key another waiting job has, is left alone. Returns how many will run.
   */
  retry(jobs: readonly StoredJob[]): Promise<number>;
  /**
   * Ends jobs as `cancelled`: waiting ones at once, and running ones within about a second,
   * wherever they run: the signal of their `JobRunDetails` fires there. An occurrence of a
   * schedule is followed by the next one all the same. Returns how many.
   */
  cancel(jobs: readonly StoredJob[]): Promise<number>;
  /**
   * Removes jobs that do not run. One that the store needs, such as the next occurrence of
   * a schedule, may be left. Returns how many.
   */
  remove(jobs: readonly StoredJob[]): Promise<number>;
  /** Lets no process take jobs of this queue, within about a second, until `resume()`. */
  pause(queue: string): Promise<void>;
  /** Ends `pause()`. */
  resume(queue: string): Promise<void>;
  /** Whether a queue is paused. */
  isPaused(queue: string): Promise<boolean>;
  /** The recurring tasks. */
  schedules(): Promise<readonly StoredSchedule[]>;
}
