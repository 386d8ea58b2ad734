import type { ArgumentsRow, ErrorRow } from './live-message.js';

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
] as const;

export type StoredStatus = (typeof STORED_STATUSES)[number];

export interface QueueRow {
  readonly name: string;
  readonly isPaused: boolean;
  readonly counts: Readonly<Record<StoredStatus, number>>;
}

/** A recurring task. */
export interface ScheduleRow {
  readonly name: string;
  readonly queue: string;
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly everyMs?: number | undefined;
  readonly nextAt?: number | undefined;
  readonly lastAt?: number | undefined;
}

export interface StoreOverview {
  readonly queues: readonly QueueRow[];
  readonly schedules: readonly ScheduleRow[];
}

export interface StoredTaskRow {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly key?: string | undefined;
  readonly priority: number;
  readonly status: StoredStatus;
  readonly attempt: number;
  readonly scheduledAt?: number | undefined;
  readonly dueAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly scheduledFor?: number | undefined;
  readonly error?: ErrorRow | undefined;
  /** Why this process cannot decode the arguments. */
  readonly undecodable?: string | undefined;
  readonly args: ArgumentsRow;
}

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
