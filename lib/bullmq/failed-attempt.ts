import { UnrecoverableError, type Job } from 'bullmq';
import { plainError } from '../core/base/to-error.js';

/** The pause before a job runs again whose outcome could not be written to Redis. */
export const UNRECORDED_PAUSE_MS = 1_000;

/** Makes BullMQ retry a job after a pause, with the attempt counted. */
export class RetryLaterError extends Error {
  readonly afterMs: number;

  constructor(thrown: Error, afterMs: number) {
    const error = plainError(thrown);
    super(reasonOf(error), { cause: error });
    this.stack = stackWithReason(error);
    this.afterMs = Math.ceil(afterMs);
  }
}

/** Makes BullMQ keep a job as failed, with the error of its task. */
export class NeverAgainError extends UnrecoverableError {
  constructor(thrown: Error) {
    const error = plainError(thrown);
    super(reasonOf(error));
    this.stack = stackWithReason(error);
  }
}

/** Makes BullMQ keep a job as failed that was cancelled. */
export class CancelledAttemptError extends NeverAgainError {}

/** Starts with the name, as BullMQ treats some bare messages as commands. */
function reasonOf({ name, message }: Error): string {
  return message ? `${name}: ${message}` : name;
}

function stackWithReason(error: Error): string {
  const reason = reasonOf(error);
  const { stack = reason } = error;
  return stack.includes(error.name) ? stack : `${reason}\n${stack}`;
}

/** How long a job waits for its next attempt. */
export function pauseAfter(error: Error | undefined): number {
  return error instanceof RetryLaterError ? error.afterMs : UNRECORDED_PAUSE_MS;
}

/**
 * Whether a failed job was retried by BullMQ's own means: it removes the reason of the
 * last failure then, and keeps their number.
 */
export function isRetriedByHand({ attemptsMade, failedReason }: Job): boolean {
  return attemptsMade > 0 && !failedReason;
}
