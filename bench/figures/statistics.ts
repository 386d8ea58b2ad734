/** A figure of several rounds: the median, and an interval for it. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Whether the interval holds the true median with 95 % or more: it takes six rounds. */
  readonly isSure: boolean;
}

const SURE = 0.95;

export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The smallest of the values that at least this many percent do not exceed. */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) && middle > 0
    ? (upper + (sorted[middle - 1] ?? upper)) / 2
    : upper;
}

/**
 * The median of the values, and the narrowest interval between two of them (the
 * k-th lowest and the k-th highest) that holds the true median with 95 % or more,
 * whatever the distribution; all of the values, where they are too few for that.
 */
export function figureOf(values: readonly number[]): Figure {
  const sorted = ascending(values);
  let rank = 0;
  while (coverage(sorted.length, rank + 1) >= SURE) rank += 1;
  return {
    median: median(sorted),
    low: sorted[rank] ?? Number.NaN,
    high: sorted[sorted.length - 1 - rank] ?? Number.NaN,
    isSure: coverage(sorted.length, rank) >= SURE,
  };
}

/**
 * How likely the true median is between the values of this rank from below and from
 * above (0 is the lowest, and the highest), of so many.
 */
export function coverage(count: number, rank: number): number {
  let ways = 1;
  let outside = 0;
  for (let below = 0; below <= rank; below += 1) {
    outside += ways;
    ways = (ways * (count - below)) / (below + 1);
  }
  return Math.max(0, 1 - (2 * outside) / 2 ** count);
}
