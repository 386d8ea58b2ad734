import { strict as assert } from 'node:assert';
import { runOthers, type Script } from './script.js';
import type { JobRun } from './scripted-host.js';

/** The outcome of an attempt decides whether another one follows, when, and its number. */
export const OUTCOMES: readonly Script[] = [
  {
    name: 'runs a job again after the pause of a `retry`, with the attempt counted',
    act: async ({ engine, host, job }) => {
      host.answer = ({ attempt }) =>
        attempt < 3
          ? { status: 'retry', afterMs: 50, error: new Error('not yet') }
          : { status: 'done' };
      const flaky = job({ options: { retries: 2 } });
      await engine.enqueue([flaky]);
      await host.ran(3, flaky);
      const runs = host.attemptsOf(flaky);
      assert.deepEqual(
        runs.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      const [first, second] = runs;
      // Timers may fire a millisecond early.
      assert.ok((second?.startedAtMs ?? 0) - (first?.startedAtMs ?? 0) >= 49);
    },
  },
  ...(['failed', 'refused'] as const).map((status): Script => ({
    name: `never runs a job again that ${status === 'failed' ? 'has failed' : 'was refused'}`,
    concurrency: 1,
    act: async (bench) => {
      const { engine, host, job } = bench;
      host.answer = ({ job: { task } }) =>
        task === 'bad'
          ? { status, error: new Error('never again') }
          : { status: 'done' };
      const bad = job({ task: 'bad', options: { retries: 5 } });
      await engine.enqueue([bad]);
      await host.ran(1, bad);
      await runOthers(bench);
      assert.equal(host.attemptsOf(bad).length, 1);
    },
  })),
  {
    name: 'starts a job again that was returned, which counts as a start and not as a failure',
    act: async ({ engine, host, job }) => {
      let isReturned = false;
      host.answer = ({ attempt }) => {
        if (attempt === 1) {
          return { status: 'retry', afterMs: 0, error: new Error('once') };
        }
        if (isReturned) return { status: 'done' };
        isReturned = true;
        return { status: 'returned' };
      };
      const moved = job({ options: { retries: 1 } });
      await engine.enqueue([moved]);
      await host.ran(3, moved);
      assert.deepEqual(countsOf(host.attemptsOf(moved)), [
        [1, 0],
        [2, 1],
        [3, 1],
      ]);
    },
  },
  {
    name: 'runs a job again after the pause that it has asked for, which counts as a start and not as a failure',
    act: async ({ engine, host, job }) => {
      const error = new Error('not yet');
      host.answer = ({ attempt }) => {
        if (attempt === 4) return { status: 'done' };
        return attempt === 1
          ? { status: 'retry', afterMs: 0, error }
          : { status: 'postponed', afterMs: 50, error };
      };
      const limited = job({ options: { retries: 1 } });
      await engine.enqueue([limited]);
      await host.ran(4, limited);
      const runs = host.attemptsOf(limited);
      assert.deepEqual(countsOf(runs), [
        [1, 0],
        [2, 1],
        [3, 1],
        [4, 1],
      ]);
      const [, second, third] = runs;
      // Timers may fire a millisecond early.
      assert.ok((third?.startedAtMs ?? 0) - (second?.startedAtMs ?? 0) >= 49);
    },
  },
  {
    name: 'puts a job back that is unknown, which counts neither as a start nor as a failure',
    act: async ({ engine, host, job }) => {
      let isKnown = false;
      host.answer = () => {
        if (isKnown) return { status: 'done' };
        isKnown = true;
        return { status: 'unknown', error: new Error('not declared here') };
      };
      const early = job();
      await engine.enqueue([early]);
      await host.ran(2, early);
      assert.deepEqual(countsOf(host.attemptsOf(early)), [
        [1, 0],
        [1, 0],
      ]);
    },
  },
  {
    name: 'goes on with other jobs while one of them is unknown',
    concurrency: 1,
    act: async (bench) => {
      const { engine, host, job } = bench;
      host.answer = ({ job: { task } }) =>
        task === 'new'
          ? { status: 'unknown', error: new Error('not declared here') }
          : { status: 'done' };
      const unknown = job({ task: 'new' });
      await engine.enqueue([unknown]);
      await host.ran(1, unknown);
      await runOthers(bench);
    },
  },
];

/** The number of each start, and of the failures before it. */
function countsOf(runs: readonly JobRun[]): number[][] {
  return runs.map(({ attempt, failures }) => [attempt, failures]);
}
