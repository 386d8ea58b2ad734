/**
 * Where a stored task stands. `delayed` is waiting for its time: that of its `delay`, or of
 * its next attempt. The last three are final.
 *
 * @publicApi
 */
export type StoredTaskStatus =
  'waiting' | 'delayed' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/**
 * The error of the last attempt that failed, as the store keeps it.
 *
 * @publicApi
 */
export interface StoredTaskError {
  /** Such as `'TypeError'`. */
  readonly name: string;
  /** What the error says. */
  readonly message: string;
  /** Where it was thrown, if the store has kept that. */
  readonly stack?: string | undefined;
}

/**
 * What a store has of a durable task: a snapshot, which does not change when the task
 * does. All times are in milliseconds since 1970.
 *
 * @publicApi
 */
export interface StoredTask {
  /** The id of the task, as `schedule()` and `currentTask()` have it. */
  readonly id: string;
  /** The name of its declaration. */
  readonly name: string;
  /** The queue that it is stored in. */
  readonly queue: string;
  /** The idempotency key, if it was given one. */
  readonly key?: string | undefined;
  /** From 0, the first, to 9. */
  readonly priority: number;
  /** Where it stands. */
  readonly status: StoredTaskStatus;
  /**
   * Its arguments; `undefined` when this process cannot decode them, as `undecodable`
   * then says.
   */
  readonly args?: readonly unknown[] | undefined;
  /** Why this process cannot decode its arguments, or cannot read the job at all. */
  readonly undecodable?: string | undefined;
  /** How often it has been started, anywhere. */
  readonly attempt: number;
  /** When it was scheduled. */
  readonly scheduledAt?: number | undefined;
  /** When it starts, at the earliest; only of a delayed task. */
  readonly dueAt?: number | undefined;
  /** When its last attempt started. */
  readonly startedAt?: number | undefined;
  /** When it ended, for good. */
  readonly endedAt?: number | undefined;
  /** The occurrence that it is a run of; only of a recurring task. */
  readonly scheduledFor?: number | undefined;
  /** The error of the last attempt that failed. */
  readonly error?: StoredTaskError | undefined;
  /** The last value that it has passed to `currentTask().progress()`. */
  readonly progress?: unknown;
  /** What its method returned, for as long as its `keepResult` says. */
  readonly result?: unknown;
}

/**
 * Which stored tasks are meant: those that match all of it.
 *
 * @publicApi
 */
export interface StoredTaskFilter {
  /** The name of the declaration. */
  name?: string | undefined;
  /** One status, or several. */
  status?: StoredTaskStatus | readonly StoredTaskStatus[] | undefined;
  /** The queue that they are stored in. */
  queue?: string | undefined;
  /** The idempotency key. With a `name`, it is found sooner. */
  key?: string | undefined;
  /**
   * How many tasks at most.
   *
   * @default all
   */
  limit?: number | undefined;
}

/**
 * A part of a list.
 *
 * @publicApi
 */
export interface StoredTaskPage {
  /** The tasks, at most `limit` of them. */
  readonly tasks: readonly StoredTask[];
  /** Where the next page begins; `undefined` when this is the last one. */
  readonly cursor?: string | undefined;
}

/**
 * How many stored tasks there are of each status.
 *
 * @publicApi
 */
export type StoredTaskCounts = Readonly<Record<StoredTaskStatus, number>>;

/**
 * A recurring task, as its store has it.
 *
 * @publicApi
 */
export interface StoredSchedule {
  /** The name of the declaration. */
  readonly name: string;
  /** The queue that its occurrences are stored in. */
  readonly queue: string;
  /** Its cron expression, if it has one. */
  readonly cron?: string | undefined;
  /** The time zone of its cron expression. */
  readonly timeZone?: string | undefined;
  /** The time between two occurrences in milliseconds, if it has no cron expression. */
  readonly everyMs?: number | undefined;
  /** What becomes of occurrences for which no process was there. */
  readonly missed: 'once' | 'skip';
  /** What becomes of an occurrence while an earlier one has not ended. */
  readonly overlap: 'skip' | 'allow';
  /** When its next occurrence is due, if the store says that. */
  readonly nextAt?: number | undefined;
  /** The last occurrence that has begun, if the store says that. */
  readonly lastAt?: number | undefined;
}

/** All statuses, in the order of a life. */
export const STORED_STATUSES: readonly StoredTaskStatus[] = [
  'waiting',
  'delayed',
  'running',
  'succeeded',
  'failed',
  'cancelled',
];

/** Counts of no task. */
export function noCounts(): Record<StoredTaskStatus, number> {
  return {
    waiting: 0,
    delayed: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  };
}
