import { describe, expect, it } from '@jest/globals';
import {
  differencesOfTurns,
  isConclusive,
  keeps,
  ratios,
  ratiosOfTurns,
  reaches,
} from './comparison.js';
import { coverage, figureOf, median, percentile } from './statistics.js';

describe('The figures of the bench', () => {
  it('take the median of the rounds, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([3])).toBe(3);
  });

  it('take the percentile from the values that were measured', () => {
    const latencies = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(percentile(latencies, 50)).toBe(100);
    expect(percentile(latencies, 99)).toBe(198);
    expect(percentile([7], 99)).toBe(7);
  });

  it('know the probability that the true median lies between two values of the rounds', () => {
    // All six rounds on the same side of it: twice one half to the power of six.
    expect(coverage(6, 0)).toBeCloseTo(1 - 2 / 64, 10);
    // At most one of nine on one side: (1 + 9) of 512, twice.
    expect(coverage(9, 1)).toBeCloseTo(1 - 20 / 512, 10);
    expect(coverage(1, 0)).toBe(0);
  });

  it('have the narrowest interval that contains the true median with 95 % confidence', () => {
    const rounds = [100, 1, 2, 3, 4, 5, 6, 7, -100];
    expect(figureOf(rounds)).toEqual({
      median: 4,
      low: 1,
      high: 7,
      isSure: true,
    });
  });

  it('are not sure of five rounds', () => {
    expect(figureOf([1, 1, 1, 1, 1])).toMatchObject({
      low: 1,
      high: 1,
      isSure: false,
    });
  });

  it('compare what was measured in the same round', () => {
    const doubled = ratios([2, 20, 200, 2, 20, 200], [1, 10, 100, 1, 10, 100]);
    expect(doubled).toMatchObject({ median: 2, low: 2, high: 2 });
  });

  it('compare what was measured in the same turn', () => {
    const values = [2, 20, 200, 2, 20, 200].map((value) => [value, 6, 9]);
    const baselines = [1, 10, 100, 1, 10, 100].map((value) => [value, 3, 1]);
    expect(ratiosOfTurns(values, baselines)).toMatchObject({ low: 2, high: 2 });
    expect(differencesOfTurns([[5, 9, 7]], [[1, 8, 3]]).median).toBe(4);
  });
});

describe('The verdicts of the bench', () => {
  const between = (low: number, high: number, isSure = true) => ({
    median: (low + high) / 2,
    low,
    high,
    isSure,
  });

  it('conclude when a ratio is clear of one, or close to it', () => {
    expect(isConclusive(between(1.01, 1.5))).toBe(true);
    expect(isConclusive(between(0.5, 0.99))).toBe(true);
    expect(isConclusive(between(0.96, 1.04))).toBe(true);
  });

  it('do not conclude when the spread is wide, or the rounds are few', () => {
    expect(isConclusive(between(0.9, 1.2))).toBe(false);
    expect(isConclusive(between(1.4, 1.5, false))).toBe(false);
  });

  it('say that a limit is kept only when all of the interval keeps it', () => {
    expect(keeps(5, between(1, 5))).toBe('met');
    expect(keeps(5, between(4, 6))).toBe('inconclusive');
    expect(keeps(5, between(6, 7))).toBe('not met');
    expect(keeps(5, between(1, 2, false))).toBe('inconclusive');
  });

  it('say that a goal is reached only when all of the interval reaches it', () => {
    expect(reaches(5, between(5, 9))).toBe('met');
    expect(reaches(5, between(4, 6))).toBe('inconclusive');
    expect(reaches(5, between(1, 4))).toBe('not met');
  });
});
