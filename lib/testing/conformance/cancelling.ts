import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { enqueued, gate, runOthers, type Script } from './script.js';

/** A job that has not begun can be removed. */
export const CANCELLING: readonly Script[] = [
  {
    name: 'removes a waiting job when it is cancelled',
    isStarted: false,
    act: async (bench) => {
      const { engine, host, job } = bench;
      const unwanted = job();
      const [id = ''] = await enqueued(engine, [unwanted]);
      assert.equal(await engine.cancel(id), true);
      assert.equal(await engine.cancel(id), false);
      assert.equal(await engine.cancel(randomUUID()), false);
      await engine.start(host);
      await runOthers(bench);
      assert.equal(host.attemptsOf(unwanted).length, 0);
    },
  },
  {
    name: 'leaves a job alone that has begun when it is cancelled',
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ attempt }) => {
        await opened;
        return attempt === 1
          ? { status: 'retry', afterMs: 0, error: new Error('once') }
          : { status: 'done' };
      };
      const running = job();
      const [id = ''] = await enqueued(engine, [running]);
      await host.ran(1, running);
      assert.equal(await engine.cancel(id), false);
      open();
      await host.ran(2, running);
    },
  },
];
