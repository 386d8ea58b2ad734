import type {
  StoredSchedule,
  StoredTask,
  StoredTaskCounts,
  StoredTaskStatus,
} from '../../durable/stored-task.js';
import type { ArgumentsRow } from './live-message.js';

/*
 * What the server answers about the store, which all processes share. Times are in
 * milliseconds since 1970.
 */

export const STORED_STATUSES = [
  'waiting',
  'delayed',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly StoredTaskStatus[];

export type StoredStatus = StoredTaskStatus;

/** A recurring task. */
export type ScheduleRow = StoredSchedule;

export interface QueueRow {
  readonly name: string;
  readonly isPaused: boolean;
  readonly counts: StoredTaskCounts;
}

export interface StoreOverview {
  readonly queues: readonly QueueRow[];
  readonly schedules: readonly ScheduleRow[];
}

export type StoredTaskRow = Omit<StoredTask, 'args' | 'progress' | 'result'> & {
  readonly args: ArgumentsRow;
};

export interface StoredPageRow {
  readonly tasks: readonly StoredTaskRow[];
  /** Where the next page begins, if there is one. */
  readonly cursor?: string | undefined;
}

/** What can be done to a stored task. */
export type StoredAction = 'retry' | 'cancel' | 'remove';

/** What can be done to a queue. */
export type QueueAction = 'pause' | 'resume';

/** How many tasks an action has changed. */
export interface ActionResult {
  readonly changed: number;
}

/** Why a request failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}
