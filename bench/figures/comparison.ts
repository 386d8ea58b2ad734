import { figureOf, median, type Figure } from './statistics.js';

/** How far from 1 a ratio may be that counts as no difference. */
const SAME = 0.05;

/** Of each round the ratio of two figures that were taken in it. */
export function ratios(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, ratioOf));
}

/** Of each round the difference of two figures that were taken in it. */
export function differences(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, differenceOf));
}

/** What was measured in the turns of each round: in each turn, everything once. */
export type Turns = readonly (readonly number[])[];

/** Of each round the median of its turns. */
export function mediansOfTurns(rounds: Turns): Figure {
  return figureOf(rounds.map(median));
}

/** Of each round the median ratio of two figures that were taken in the same turn. */
export function ratiosOfTurns(values: Turns, baselines: Turns): Figure {
  return mediansOfTurns(pairedTurns(values, baselines, ratioOf));
}

/** Of each round the median difference of two figures that were taken in the same turn. */
export function differencesOfTurns(values: Turns, baselines: Turns): Figure {
  return mediansOfTurns(pairedTurns(values, baselines, differenceOf));
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

type Compare = (value: number, baseline: number) => number;

const ratioOf: Compare = (value, baseline) => value / baseline;
const differenceOf: Compare = (value, baseline) => value - baseline;

function paired(
  values: readonly number[],
  baselines: readonly number[],
  compare: Compare,
): number[] {
  return values.map((value, index) =>
    compare(value, baselines[index] ?? Number.NaN),
  );
}

function pairedTurns(
  values: Turns,
  baselines: Turns,
  compare: Compare,
): number[][] {
  return values.map((turns, round) =>
    paired(turns, baselines[round] ?? [], compare),
  );
}
