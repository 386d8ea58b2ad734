import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffDelayMs } from '../../lib/core/running/retry.js';
import { checkTaskOptions } from '../../lib/core/options/task-option-checks.js';
import {
  LONGEST_DELAY_MS,
  toMilliseconds,
  type Duration,
} from '../../lib/core/base/duration.js';
import { TaskInvalidOptionError } from '../../lib/core/base/errors.js';
import { mergeTaskOptions } from '../../lib/core/options/merge-task-options.js';
import { type Backoff, type TaskOptions } from '../../lib/core/task/task.js';
import { toError } from '../../lib/core/base/to-error.js';

const options: fc.Arbitrary<TaskOptions> = fc.record(
  {
    name: fc.option(fc.string(), { nil: undefined }),
    shield: fc.option(fc.boolean(), { nil: undefined }),
    retries: fc.option(fc.nat(), { nil: undefined }),
    timeout: fc.option(fc.nat(), { nil: undefined }),
  },
  { requiredKeys: [] },
);

describe('any given value', () => {
  it('is merged so that grouping does not matter and the last given value wins', () => {
    fc.assert(
      fc.property(options, options, options, (a, b, c) => {
        const merged = mergeTaskOptions(a, b, c);

        expect(merged).toEqual(mergeTaskOptions(mergeTaskOptions(a, b), c));
        expect(merged).toEqual(mergeTaskOptions(a, mergeTaskOptions(b, c)));
        for (const key of ['name', 'shield', 'retries', 'timeout'] as const) {
          expect(merged[key]).toBe(c[key] ?? b[key] ?? a[key]);
        }
      }),
    );
  });

  it('is a duration that a timer supports, or is refused with a code', () => {
    const units = fc.constantFrom('ms', 's', 'm', 'h', 'd', '', 'y');
    const values = fc.oneof(
      fc.anything(),
      fc.double(),
      fc.tuple(fc.double(), units).map(([n, unit]) => `${n}${unit}`),
      fc.tuple(fc.nat(), units).map(([n, unit]) => `${n}${unit}`),
    );
    fc.assert(
      fc.property(values, (value) => {
        try {
          const ms = toMilliseconds(value as Duration, 'timeout');
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(LONGEST_DELAY_MS);
        } catch (error) {
          expect(error).toBeInstanceOf(TaskInvalidOptionError);
        }
      }),
    );
  });

  it('is an option of a task, or is refused with a code', () => {
    const keys = fc.constantFrom(
      'name',
      'shield',
      'onError',
      'runOn',
      'timeout',
      'retries',
      'backoff',
      'retryIf',
      'signal',
      'required',
      'other',
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.anything()), (given) => {
        try {
          checkTaskOptions(given);
        } catch (error) {
          expect(error).toBeInstanceOf(TaskInvalidOptionError);
        }
      }),
    );
  });

  it('causes no delay longer than its maximum, or than a timer supports', () => {
    const backoffs: fc.Arbitrary<Backoff> = fc.record({
      type: fc.constantFrom('fixed' as const, 'exponential' as const),
      delay: fc.nat(LONGEST_DELAY_MS),
      max: fc.option(fc.nat(LONGEST_DELAY_MS), { nil: undefined }),
      factor: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
      jitter: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), {
        nil: undefined,
      }),
    });
    fc.assert(
      fc.property(
        backoffs,
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (backoff, attempt, chance) => {
          checkTaskOptions({ backoff });
          const max = (backoff as { max?: number | undefined }).max;

          const pause = backoffDelayMs(
            backoff,
            attempt,
            new Error('no'),
            () => chance,
          );

          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(max ?? LONGEST_DELAY_MS);
        },
      ),
    );
  });

  it('becomes an Error that keeps it when thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        const error = toError(thrown, 'x');

        expect(error).toBeInstanceOf(Error);
        expect(Object.is(error, thrown) || Object.is(error.cause, thrown)).toBe(
          true,
        );
      }),
    );
  });
});
