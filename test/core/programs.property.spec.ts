import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { programs } from './random-program.js';
import { ProgramRun } from './program-run.js';

/** How many programs are run; `PROPERTY_RUNS=10000` for a long look. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 2000);

describe('random programs', () => {
  it(
    'settle every task once, in order, within limits and in time, and leave nothing behind',
    async () => {
      await fc.assert(
        fc.asyncProperty(programs, async (program) => {
          const run = new ProgramRun(program);
          await run.run();
          expect(run.violations).toEqual([]);
        }),
        { numRuns },
      );
    },
    30_000 + numRuns * 100,
  );
});
