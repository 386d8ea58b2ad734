import { describe, expect, it } from '@jest/globals';
import { backoffDelayMs } from '../../lib/core/running/retry.js';
import { LONGEST_DELAY_MS } from '../../lib/core/base/duration.js';
import type { Backoff } from '../../lib/core/task/task.js';

const error = new Error('declined');
const pauses = (backoff: Backoff | undefined, random?: () => number) =>
  [1, 2, 3, 4].map((attempt) =>
    backoffDelayMs(backoff, attempt, error, random),
  );

describe('the delay before a further attempt', () => {
  it('stays the same when it is fixed', () => {
    expect(pauses({ type: 'fixed', delay: '1s', factor: 3 })).toEqual([
      1000, 1000, 1000, 1000,
    ]);
  });

  it('doubles when it is exponential', () => {
    expect(pauses({ type: 'exponential', delay: 100 })).toEqual([
      100, 200, 400, 800,
    ]);
  });

  it('grows by its factor', () => {
    expect(pauses({ type: 'exponential', delay: 100, factor: 3 })).toEqual([
      100, 300, 900, 2700,
    ]);
  });

  it('is never longer than its maximum', () => {
    expect(pauses({ type: 'exponential', delay: 100, max: '250ms' })).toEqual([
      100, 200, 250, 250,
    ]);
    expect(pauses({ type: 'fixed', delay: '1m', max: '1s' })).toEqual([
      1000, 1000, 1000, 1000,
    ]);
  });

  it('is by default exponential from 200 ms with full jitter', () => {
    expect(pauses(undefined, () => 0)).toEqual([200, 400, 800, 1600]);
    expect(pauses(undefined, () => 0.5)).toEqual([100, 200, 400, 800]);
    for (const pause of pauses(undefined)) {
      expect(pause).toBeGreaterThan(0);
      expect(pause).toBeLessThanOrEqual(1600);
    }
  });

  it('randomizes only the share that jitter names', () => {
    const backoff: Backoff = { type: 'fixed', delay: 1000, jitter: 0.2 };

    expect(backoffDelayMs(backoff, 1, error, () => 0)).toBe(1000);
    expect(backoffDelayMs(backoff, 1, error, () => 1)).toBe(800);
  });

  it('applies the jitter below the maximum', () => {
    const backoff: Backoff = {
      type: 'exponential',
      delay: 1000,
      max: 2000,
      jitter: 0.5,
    };

    expect(backoffDelayMs(backoff, 10, error, () => 1)).toBe(1000);
  });

  it('never exceeds what a timer supports, whatever the attempt', () => {
    const backoff: Backoff = { type: 'exponential', delay: '1d', factor: 1e9 };

    expect(backoffDelayMs(backoff, 2000, error)).toBe(LONGEST_DELAY_MS);
    expect(backoffDelayMs({ type: 'exponential', delay: 0 }, 2000, error)).toBe(
      0,
    );
  });

  it('can be computed by a function of the failed attempt and its error', () => {
    const calls: unknown[] = [];
    const backoff: Backoff = (attempt, cause) => {
      calls.push([attempt, cause]);
      return attempt === 1 ? 30 : '2s';
    };

    expect(backoffDelayMs(backoff, 1, error)).toBe(30);
    expect(backoffDelayMs(backoff, 2, error)).toBe(2000);
    expect(calls).toEqual([
      [1, error],
      [2, error],
    ]);
  });

  it.each([-1, Number.NaN, undefined, 'soon', {}])(
    'is refused when the function returns %p',
    (nonsense) => {
      const backoff = (() => nonsense) as unknown as Backoff;

      expect(() => backoffDelayMs(backoff, 1, error)).toThrow(
        '`backoff()` must be a duration',
      );
    },
  );

  it('is refused when the function returns a promise, even one that rejects', () => {
    const backoff = (() =>
      Promise.reject(new Error('late'))) as unknown as Backoff;

    expect(() => backoffDelayMs(backoff, 1, error)).toThrow(
      '`backoff()` must return its result synchronously, got a promise.',
    );
  });
});
