import { strict as assert } from 'node:assert';
import { gate, type Script } from './script.js';
import { ScriptedHost } from './scripted-host.js';

/** A shutdown takes no further jobs, and ends in time whatever a job does. */
export const STOPPING: readonly Script[] = [
  {
    name: 'takes no job while it is paused, and still records how running ones end',
    concurrency: 1,
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ job: { task } }) => {
        if (task === 'long') await opened;
        return { status: 'done' };
      };
      const long = job({ task: 'long' });
      const next = job();
      await engine.enqueue([long]);
      await host.ran(1, long);
      await engine.pause();
      await engine.enqueue([next]);
      open();
      await engine.stop(2_000);
      assert.equal(host.attemptsOf(next).length, 0);
      assert.equal(host.attemptsOf(long).length, 1);
    },
  },
  {
    name: 'stops in time even if a job keeps running',
    act: async ({ engine, host, job }) => {
      host.answer = () => new Promise(() => {});
      await engine.enqueue([job()]);
      await host.ran(1);
      await engine.pause();
      const start = performance.now();
      await engine.stop(200);
      const tookMs = performance.now() - start;
      assert.ok(tookMs < 10_000, `it took ${Math.round(tookMs)} ms`);
    },
  },
  {
    name: 'stores and runs nothing any more once it has stopped, also when it was starting',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const starting = engine.start(host);
      await engine.stop(1_000);
      await starting.catch(() => {});
      await assert.rejects(engine.enqueue([job()]));
      assert.equal(host.runs.length, 0);
    },
  },
  {
    name: 'opens engines with lives of their own, if it serves several applications',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const [former, latter] = [engine.open?.(), engine.open?.()];
      if (!former || !latter) return;
      try {
        await Promise.all([
          former.start(new ScriptedHost()),
          latter.start(host),
        ]);
        await former.pause();
        await former.stop(1_000);
        const last = job();
        await latter.enqueue([last]);
        await host.ran(1, last);
      } finally {
        await latter.stop(1_000);
      }
    },
  },
];
