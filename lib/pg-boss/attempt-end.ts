import type { TaskJobOutcome } from '../durable/durable-engine.js';
import { pauseOfUnknown } from '../engine-kit/unknown-jobs.js';
import { outputOf, type AttemptCounts } from './job-output.js';

/** One attempt at a job, numbered from 0 as in pg-boss. */
export interface Attempt {
  readonly id: string;
  readonly retryCount: number;
}

/** A job that this worker has taken. */
export interface TakenJob extends Attempt {
  readonly data: unknown;
  readonly counts: AttemptCounts;
  /** Its last progress, encoded. */
  progress?: string;
}

/** An attempt that has ended. */
export interface EndedAttempt {
  readonly job: TakenJob;
  readonly outcome: TaskJobOutcome;
}

/** What is reported to the store when an attempt ends. */
export interface AttemptEnd extends Attempt {
  readonly isDone?: true;
  /** Set when it was cancelled in its process. */
  readonly isCancelled?: true;
  /** For how long what its method returned is kept, in milliseconds. */
  readonly keepMs?: number;
  /** The pause before the next attempt; undefined when none follows. */
  readonly ms?: number | undefined;
  /** Set when the attempt does not count as a start. */
  readonly isStart?: false;
  readonly output?: object;
}

/** The end of an attempt, with its last progress in what the store keeps of it. */
export function endOf(ended: EndedAttempt, unknownForMs: number): AttemptEnd {
  const end = plainEndOf(ended, unknownForMs);
  const { progress } = ended.job;
  return progress === undefined || end.isCancelled
    ? end
    : { ...end, output: { ...end.output, progress } };
}

function plainEndOf(
  { job, outcome }: EndedAttempt,
  unknownForMs: number,
): AttemptEnd {
  const { id, retryCount, counts } = job;
  const attempt = { id, retryCount };
  switch (outcome.status) {
    case 'done': {
      const { result, keepMs = 0 } = outcome;
      const end = { ...attempt, isDone: true } as const;
      return result === undefined
        ? end
        : { ...end, keepMs, output: { result, keepMs } };
    }
    case 'cancelled':
      return { ...attempt, isCancelled: true };
    case 'returned':
      return { ...attempt, ms: 0, output: { ...counts } };
    case 'retry': {
      const failures = counts.failures + 1;
      const output = outputOf(outcome.error, { failures });
      return { ...attempt, ms: outcome.afterMs, output };
    }
    case 'postponed': {
      const output = outputOf(outcome.error, counts);
      return { ...attempt, ms: outcome.afterMs, output };
    }
    case 'unknown': {
      // The sum of its pauses, as the clocks of several workers cannot be compared.
      const ms = pauseOfUnknown(counts.unknownMs, unknownForMs);
      const unknownMs = counts.unknownMs + (ms ?? 0);
      const output = outputOf(
        outcome.error,
        ms === undefined ? undefined : { ...counts, unknownMs },
      );
      return { ...attempt, ms, isStart: false, output };
    }
    default:
      return { ...attempt, output: outputOf(outcome.error) };
  }
}
