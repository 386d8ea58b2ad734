import { strict as assert } from 'node:assert';
import { gate, type Script } from './script.js';
import { storedScript, until } from './stored-script.js';

/** What a job reports while it runs, and what it returns, can be read from the store. */
export const RESULTS: readonly Script[] = [
  storedScript(
    'stores the progress of a running job, and always the last one',
    async ({ engine, host, stored, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ progress }) => {
        assert.ok(progress, 'it has no progress()');
        await progress('{"args":[0]}');
        await opened;
        for (let percent = 1; percent <= 100; percent += 1) {
          await progress(`{"args":[${percent}]}`);
        }
        return { status: 'failed', error: new Error('at the end') };
      };
      const long = job();
      await engine.enqueue([long]);
      for (;;) {
        const found = await stored.find(long.id);
        if (found?.progress === '{"args":[0]}') break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      open();
      const ended = await until(stored, long.id, 'failed');
      assert.equal(ended.progress, '{"args":[100]}');
    },
  ),
  storedScript(
    'has no progress of a job that is to run again, and none once it is cancelled',
    async ({ engine, host, stored, job }) => {
      host.answer = async ({ attempt, progress, signal }) => {
        if (attempt === 1) {
          await progress?.('{"args":[1]}');
          return { status: 'failed', error: new Error('once') };
        }
        const error = await new Promise<Error>((resolve) =>
          signal?.addEventListener('abort', () =>
            resolve(signal.reason as Error),
          ),
        );
        await progress?.('{"args":[2]}');
        return { status: 'lost', error };
      };
      const twice = job();
      await engine.enqueue([twice]);
      const failed = await until(stored, twice.id, 'failed');
      assert.equal(failed.progress, '{"args":[1]}');
      assert.equal(await stored.retry([failed]), 1);
      await host.ran(2, twice);
      const running = await until(stored, twice.id, 'running');
      assert.equal(running.progress, undefined);
      assert.equal(await stored.cancel([running]), 1);
      const cancelled = await until(stored, twice.id, 'cancelled');
      assert.equal(cancelled.progress, undefined);
    },
  ),
  storedScript(
    'keeps a result that is to be kept, until its time is over',
    async ({ engine, host, stored, job }) => {
      host.answer = ({ job: { task } }) => ({
        status: 'done',
        result: '{"args":["42"]}',
        keepMs: task === 'short' ? 1 : 3_600_000,
      });
      const [kept, short] = [job(), job({ task: 'short' })];
      await engine.enqueue([kept, short]);
      const done = await until(stored, kept.id, 'succeeded');
      assert.equal(done.result, '{"args":["42"]}');
      assert.ok(done.endedAt);
      await host.ran(1, short);
      while ((await stored.find(short.id))?.status === 'running') {
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (;;) {
        const found = await stored.find(short.id);
        if (found?.result === undefined) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await stored.counts()).succeeded >= 1, true);
    },
  ),
];
