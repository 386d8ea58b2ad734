import { isConclusive } from './comparison.js';
import type { Figure } from './statistics.js';

/** A number with three significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** A figure with its spread, which is left out when there were too few rounds. */
export function figure({ median, low, high, isSure }: Figure): string {
  if (!isSure) return number(median);
  return `${number(median)} (${number(low)} to ${number(high)})`;
}

/** A ratio with its spread, and a question mark when it allows no conclusion. */
export function ratio(value: Figure): string {
  const { median, low, high, isSure } = value;
  const spread = isSure ? ` (${low.toFixed(2)}–${high.toFixed(2)})` : '';
  return `${median.toFixed(2)}${spread}${isConclusive(value) ? '' : ' ?'}`;
}
