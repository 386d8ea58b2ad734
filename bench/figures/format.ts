import { isConclusive } from './comparison.js';
import type { Figure } from './statistics.js';

/** With so many digits that the third one that counts is shown. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** A figure with its spread; without, when it comes from too few rounds. */
export function figure({ median, low, high, isSure }: Figure): string {
  if (!isSure) return number(median);
  return `${number(median)} (${number(low)} to ${number(high)})`;
}

/** A ratio with its spread, and a question mark when that is too wide to conclude. */
export function ratio(value: Figure): string {
  const { median, low, high, isSure } = value;
  const spread = isSure ? ` (${low.toFixed(2)}–${high.toFixed(2)})` : '';
  return `${median.toFixed(2)}${spread}${isConclusive(value) ? '' : ' ?'}`;
}
