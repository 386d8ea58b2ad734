import { strict as assert } from 'node:assert';
import { gate, runOthers, type Script } from './script.js';

const AN_HOUR_MS = 3_600_000;
const TWO_MONTHS_MS = 60 * 24 * AN_HOUR_MS;

/** How soon a short delay is over: long enough to enqueue another job within it. */
const SHORT_MS = 1_500;

/** A job starts when its delay is over, and in the order of priorities. */
export const ORDER: readonly Script[] = [
  {
    name: 'runs a delayed job when its delay is over, and others meanwhile',
    feature: 'delay',
    act: async (bench) => {
      const { engine, host, job } = bench;
      const delayed = job({ delayMs: SHORT_MS });
      const sooner = job({ dueAt: Date.now() - AN_HOUR_MS });
      const startMs = performance.now();
      await engine.enqueue([delayed, sooner]);
      await host.ran(1, sooner);
      await host.ran(1, delayed);
      const tookMs = performance.now() - startMs;
      // The clocks of a store may be coarser.
      assert.ok(tookMs > SHORT_MS - 100, `it ran after ${tookMs} ms`);
      assert.equal(
        host.runs.find((run) => run.job.id === delayed.id)?.attempt,
        1,
      );
    },
  },
  {
    name: 'keeps a job whose delay is longer than a timer of Node.js, until it is cancelled',
    feature: 'delay',
    act: async (bench) => {
      const { engine, host, job } = bench;
      const delayed = job({ delayMs: TWO_MONTHS_MS });
      const dated = job({ dueAt: Date.now() + TWO_MONTHS_MS });
      const ids = await engine.enqueue([delayed, dated]);
      await runOthers(bench);
      assert.ok(
        host.runs.every((run) => ![delayed.id, dated.id].includes(run.job.id)),
      );
      for (const id of ids) {
        assert.equal(await engine.cancel(String(id)), true);
      }
    },
  },
  {
    name: 'takes jobs by their priority, and in their order within one',
    feature: 'priority',
    concurrency: 1,
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      host.answer = async () => {
        await opened;
        return { status: 'done' };
      };
      const first = job();
      await engine.enqueue([first]);
      await host.ran(1, first);
      // All others wait while this one runs.
      const last = job({ priority: 9 });
      const middle = [job({ priority: 3 }), job({ priority: 3 })];
      const ordinary = [job(), job({ priority: 0 })];
      for (const each of [last, ...middle, ...ordinary]) {
        await engine.enqueue([each]);
      }
      open();
      await host.ran(1, last);
      const expected = [first, ...ordinary, ...middle, last];
      assert.deepEqual(
        host.runs.map((run) => run.job.id),
        expected.map(({ id }) => id),
      );
    },
  },
];
