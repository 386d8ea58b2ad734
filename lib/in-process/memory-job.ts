import type { StoredTaskError } from '../durable/stored-task.js';

/** A job in the memory of this process. */
export interface MemoryJob {
  /** The job as JSON, so that a worker gets exactly what a real store would return. */
  readonly text: string;
  readonly id: string;
  /** Its idempotency key in the queue. */
  readonly key: string | undefined;
  readonly task: string;
  /** The occurrence of a recurring task that it is, if it is one. */
  readonly scheduledFor: number | undefined;
  /** From 0, the first, to 9. */
  readonly priority: number;
  /** Its place among all jobs that were stored here. */
  readonly number: number;
  /** When it was stored, by the wall clock. */
  readonly storedAt: number;
  /** When it may start for the first time. */
  firstDueMs: number;
  /** How often it has been started. */
  starts: number;
  /** How many attempts have failed. */
  failures: number;
  /** When it may start, by the clock of the engine. */
  dueMs: number;
  /** Stops the timer that waits for that; set while it runs. */
  stopTimer?: (() => void) | undefined;
  /** When its last attempt started, by the wall clock. */
  startedAt?: number | undefined;
  /** When it ended, by the wall clock. */
  endedAt?: number | undefined;
  /** Its place among all jobs that have ended here. */
  endNumber?: number | undefined;
  /** The error of its last attempt that failed. */
  error?: StoredTaskError | undefined;
  /** Its last progress, encoded. */
  progress?: string | undefined;
  /** What its method returned, encoded. */
  result?: string | undefined;
  /** Ends its attempt; set while it runs. */
  loss?: AbortController | undefined;
}
