import { describe } from './describe.js';
import { TaskInvalidOptionError } from './errors.js';

/**
 * A span of time: milliseconds, or a literal that the compiler checks, such as
 * `'250ms'`, `'10s'`, `'5m'`, `'1h'` or `'2d'`, with or without a space before the unit.
 *
 * @publicApi
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** The longest delay of a Node.js timer: about 24.8 days. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration. `option` names it in the error. `longest` is for what no
 * timer waits for.
 *
 * @throws TaskInvalidOptionError when it is negative, not finite, longer than a timer
 * can wait, or not a duration at all
 */
export function toMilliseconds(
  duration: Duration,
  option: string,
  longest = LONGEST_DELAY_MS,
): number {
  const ms = typeof duration === 'string' ? parse(duration) : duration;
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= longest)) {
    throw new TaskInvalidOptionError(
      `\`${option}\` must be a duration between 0 and ${longest} ms, got ${describe(duration)}. ` +
        "Write milliseconds or a literal like '250ms', '10s', '5m', '1h'.",
    );
  }
  return ms;
}

/** Takes every number that the compiler takes. */
function parse(text: string): number {
  const [, number = '', unit] = /^(.*?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return number.trim() === ''
    ? Number.NaN
    : Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
