/*
 * What the server sends to the page about its own process. Times are in milliseconds
 * since 1970. The page imports this file and `stored.ts`, and nothing else of the server.
 */

/** The upper bounds of the durations that are counted together; the last have none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
  60_000, 300_000,
];

/** How many seconds the rates and durations cover. */
export const WINDOW_SECONDS = 300;

/** A task of the process. */
export interface TaskRow {
  /** Counts the tasks that were seen; shorter than the id. */
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly phase: 'immediate' | 'afterRoute' | 'afterResponse';
  readonly status: TaskRowStatus;
  /** Counted from 1; 0 before the first. */
  readonly attempt: number;
  /** How many attempts it may have. */
  readonly attempts: number;
  readonly key?: string | undefined;
  readonly isDurable: boolean;
  /** The number of its scope; tasks of the application and of a worker have none. */
  readonly scope?: number | undefined;
  readonly scheduledAt: number;
  /** The last of its attempts, each with its end once it has ended. */
  readonly runs: readonly Run[];
  readonly endedAt?: number | undefined;
  readonly error?: ErrorRow | undefined;
  readonly args: ArgumentsRow;
}

export type TaskRowStatus =
  | 'scheduled'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'dropped'
  | 'enqueued';

export type Run = [startedAt: number, endedAt?: number];

/** An error, or the reason why a task did not run. */
export interface ErrorRow {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
}

/** How many arguments there are and, if the application shows them, what of them. */
export interface ArgumentsRow {
  readonly count: number;
  readonly shown?: string | undefined;
}

/** A request, a message, or a run of `runInScope()`. */
export interface ScopeRow {
  readonly number: number;
  readonly label: string;
  readonly startedAt: number;
  readonly handlerEndedAt?: number | undefined;
  readonly hasFailed: boolean;
  readonly responseEndedAt?: number | undefined;
  readonly statusCode?: number | undefined;
  readonly isDelivered?: boolean | undefined;
}

/** What ended, or was scheduled, in one second. */
export type SecondRow = [
  second: number,
  scheduled: number,
  succeeded: number,
  failed: number,
  other: number,
];

/** The process that the live view shows. */
export interface ProcessRow {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly node: string;
  readonly startedAt: number;
  /** When the recording began. */
  readonly recordingSince: number;
  /** Whether the page may act. */
  readonly hasActions: boolean;
  /** Whether the application stores durable tasks. */
  readonly hasStore: boolean;
}

/** What has changed since the last message on the same connection. */
export interface LiveMessage {
  /** In the first message of a connection: what was known before is void. */
  readonly process?: ProcessRow | undefined;
  readonly time: number;
  readonly numbers: Numbers;
  readonly seconds: readonly SecondRow[];
  /** How many tasks of the last minutes waited, and ran, for how long: by {@link DURATION_BOUNDS_MS}. */
  readonly waits: readonly number[];
  readonly runs: readonly number[];
  readonly tasks: readonly TaskRow[];
  readonly scopes: readonly ScopeRow[];
  readonly goneTasks: readonly number[];
  readonly goneScopes: readonly number[];
  /** How many tasks have changed and follow in later messages. */
  readonly behind: number;
}

export interface Numbers extends Readonly<Record<TaskRowStatus, number>> {
  /** Those of the scheduled ones that wait for a slot. */
  readonly waiting: number;
  readonly oldestWaitMs: number;
}
