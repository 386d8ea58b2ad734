import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { programs } from './random-program.js';
import { ProgramRun } from './program-run.js';

/** How many programs are run, and which; `PROPERTY_RUNS=10000` for a thorough search. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 500);
const seed = process.env['PROPERTY_SEED'];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));

describe('random programs', () => {
  it(
    'settle every task once, in order, within limits and in time, and leave nothing behind',
    async () => {
      await fc.assert(
        fc.asyncProperty(programs, async (program) => {
          const run = new ProgramRun(program);
          await run.run();
          expect(run.violations).toEqual([]);
          expect(unhandled).toEqual([]);
        }),
        { numRuns, ...(seed && { seed: Number(seed) }) },
      );
    },
    30_000 + numRuns * 100,
  );
});
