import { plainError } from '../core/base/to-error.js';

/**
 * What the `output` of a job says of its attempts so far. What is stored may be anything;
 * a job that pg-boss retries (`boss.retry()`) begins anew, as its last failure has no counts.
 */
export interface AttemptCounts {
  /** How many attempts have failed. */
  readonly failures: number;
  /** For how long it has been put back by workers that do not know it. */
  readonly unknownMs: number;
}

export function countsIn(output: unknown): AttemptCounts {
  const { failures, unknownMs } = Object(
    typeof output === 'string' ? parsed(output) : output,
  ) as Record<string, unknown>;
  return { failures: countOf(failures), unknownMs: countOf(unknownMs) };
}

/** An error as `output`, without the characters that `jsonb` refuses. */
export function outputOf(
  error: Error,
  counts?: Partial<AttemptCounts>,
): object {
  const { name, message, stack } = plainError(error);
  const clean = (text: string | undefined) =>
    text?.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return {
    name: clean(name),
    message: clean(message),
    stack: clean(stack),
    ...counts,
  };
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0
    ? (value as number)
    : 0;
}

/** An application may have changed how `jsonb` is parsed. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
