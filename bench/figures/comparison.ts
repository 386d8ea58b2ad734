import { figureOf, type Figure } from './statistics.js';

/** How far from 1 a ratio may be that counts as no difference. */
const SAME = 0.05;

/** Of each round the ratio of two figures that were taken in it. */
export function ratios(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, (value, base) => value / base));
}

/** Of each round the difference of two figures that were taken in it. */
export function differences(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, (value, base) => value - base));
}

/**
 * Whether the spread lets one conclude: that there is a difference, or that there is
 * none that matters.
 */
export function isConclusive({ low, high, isSure }: Figure): boolean {
  const differs = low > 1 || high < 1;
  const isSame = low >= 1 - SAME && high <= 1 + SAME;
  return isSure && (differs || isSame);
}

export type Verdict = 'met' | 'not met' | 'cannot be told';

/** Whether a figure keeps a limit, whatever its true value in the interval. */
export function keeps(limit: number, figure: Figure): Verdict {
  if (!figure.isSure) return 'cannot be told';
  if (figure.high <= limit) return 'met';
  return figure.low > limit ? 'not met' : 'cannot be told';
}

/** The same for a figure that must reach something. */
export function reaches(goal: number, figure: Figure): Verdict {
  if (!figure.isSure) return 'cannot be told';
  if (figure.low >= goal) return 'met';
  return figure.high < goal ? 'not met' : 'cannot be told';
}

function paired(
  values: readonly number[],
  baselines: readonly number[],
  compare: (value: number, baseline: number) => number,
): number[] {
  return values.map((value, round) =>
    compare(value, baselines[round] ?? Number.NaN),
  );
}
