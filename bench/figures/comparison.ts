import { figureOf, median, type Figure } from './statistics.js';

/** A ratio that differs from 1 by no more than this counts as no difference. */
const SAME = 0.05;

/** The ratio of two figures, taken within each round. */
export function ratios(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, ratioOf));
}

/** The difference of two figures, taken within each round. */
export function differences(
  values: readonly number[],
  baselines: readonly number[],
): Figure {
  return figureOf(paired(values, baselines, differenceOf));
}

/** The measurements of each round, turn by turn: each turn measures everything once. */
export type Turns = readonly (readonly number[])[];

/** The median over the turns of each round. */
export function mediansOfTurns(rounds: Turns): Figure {
  return figureOf(rounds.map(median));
}

/** The median ratio per round of two figures that were taken in the same turn. */
export function ratiosOfTurns(values: Turns, baselines: Turns): Figure {
  return mediansOfTurns(pairedTurns(values, baselines, ratioOf));
}

/** The median difference per round of two figures that were taken in the same turn. */
export function differencesOfTurns(values: Turns, baselines: Turns): Figure {
  return mediansOfTurns(pairedTurns(values, baselines, differenceOf));
}

/**
 * Whether the spread allows a conclusion: that there is a difference, or that there is
 * no difference that matters.
 */
export function isConclusive({ low, high, isSure }: Figure): boolean {
  const differs = low > 1 || high < 1;
  const isSame = low >= 1 - SAME && high <= 1 + SAME;
  return isSure && (differs || isSame);
}

export type Verdict = 'met' | 'not met' | 'inconclusive';

/** Whether a figure keeps a limit, wherever its true value lies in the interval. */
export function keeps(limit: number, figure: Figure): Verdict {
  if (!figure.isSure) return 'inconclusive';
  if (figure.high <= limit) return 'met';
  return figure.low > limit ? 'not met' : 'inconclusive';
}

/** Whether a figure reaches a goal, wherever its true value lies in the interval. */
export function reaches(goal: number, figure: Figure): Verdict {
  if (!figure.isSure) return 'inconclusive';
  if (figure.low >= goal) return 'met';
  return figure.high < goal ? 'not met' : 'inconclusive';
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
