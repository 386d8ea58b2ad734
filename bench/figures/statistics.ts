/** A figure of several rounds: the median, and an interval for it. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Whether the confidence of the interval is 95 % or more, which takes six rounds. */
  readonly isSure: boolean;
}

const SURE = 0.95;

export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The smallest value that is no less than `percent` percent of the values. */
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
 * k-th lowest and the k-th highest) that contains the true median with 95 % confidence or
 * more, whatever the distribution. With too few values, the interval spans all of them.
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
 * The probability that the true median of `count` values lies between those of this rank
 * from below and from above (0 is the lowest, and the highest).
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
