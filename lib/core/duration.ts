import { TaskInvalidOptionError } from './errors.js';

/**
 * A span of time: milliseconds, or a literal the compiler checks, such as
 * `'250ms'`, `'10s'`, `'5m'`, `'1h'` or `'2d'`.
 *
 * @publicApi
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** The longest delay that a Node.js timer can wait for: about 24.8 days. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration. `option` names it in the error.
 *
 * @throws TaskInvalidOptionError when it is negative, not finite, longer than a
 * timer can wait for, or no duration at all
 */
export function toMilliseconds(duration: Duration, option: string): number {
  const ms = typeof duration === 'string' ? parse(duration) : duration;
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= LONGEST_DELAY_MS)) {
    throw new TaskInvalidOptionError(
      `\`${option}\` must be a duration between 0 and ${LONGEST_DELAY_MS} ms, but it is ${show(duration)}. ` +
        "Write milliseconds or a literal like '250ms', '10s', '5m', '1h'.",
    );
  }
  return ms;
}

function parse(text: string): number {
  const match = /^((?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)(ms|s|m|h|d)$/.exec(
    text,
  );
  return match
    ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
    : Number.NaN;
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  // Not every object has a string to be shown as.
  return typeof value === 'object' && value ? 'an object' : String(value);
}
