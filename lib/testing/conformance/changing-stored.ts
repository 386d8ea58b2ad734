import { strict as assert } from 'node:assert';
import type { StoredJob, StoredJobs } from '../../durable/stored-jobs.js';
import { gate, runOthers, type Script } from './script.js';
import {
  all,
  failedAndRunning,
  storedScript as script,
  until,
} from './stored-script.js';

/** The jobs in a store can be cancelled, run again and removed. */
export const CHANGING_STORED: readonly Script[] = [
  script(
    'never runs a waiting job that is cancelled in the store, and keeps it as cancelled',
    async (bench) => {
      const { engine, host, stored, job } = bench;
      const [unwanted, later] = [
        job({ key: 'same' }),
        job({ delayMs: 3_600_000 }),
      ];
      await engine.enqueue([unwanted, later]);
      assert.equal(await stored.cancel(await found(stored, unwanted)), 1);
      assert.equal(await stored.cancel(await found(stored, later)), 1);
      assert.equal(await stored.cancel(await found(stored, later)), 0);
      for (const { id } of [unwanted, later]) {
        const cancelled = await stored.find(id);
        assert.equal(cancelled?.status, 'cancelled');
        assert.ok(cancelled?.endedAt);
      }
      // Its key is free again.
      const wanted = job({ key: 'same' });
      await engine.enqueue([wanted]);
      await engine.start(host);
      await host.ran(1, wanted);
      await runOthers(bench);
      assert.equal(host.attemptsOf(unwanted).length, 0);
    },
    { isStarted: false, feature: 'delay' },
  ),
  script(
    'fires the signal of a running job that is cancelled in the store, and keeps it as cancelled',
    async ({ engine, host, stored, job }) => {
      host.answer = async ({ signal }) => {
        const error = await new Promise<Error>((resolve) =>
          signal?.addEventListener('abort', () =>
            resolve(signal.reason as Error),
          ),
        );
        return { status: 'lost', error };
      };
      const long = job();
      await engine.enqueue([long]);
      await host.ran(1, long);
      const running = await until(stored, long.id, 'running');
      assert.equal(await stored.cancel([running]), 1);
      const cancelled = await until(stored, long.id, 'cancelled');
      assert.ok(cancelled.endedAt);
      const [run] = host.attemptsOf(long);
      assert.notEqual(Object(run?.signal?.reason).name, 'TaskLostError');
      assert.equal(host.attemptsOf(long).length, 1);
      assert.equal((await stored.counts()).cancelled, 1);
      assert.equal(
        (await all(stored, { statuses: ['cancelled'] }))[0]?.jobId,
        running.jobId,
      );
    },
  ),
  script(
    'keeps a job as cancelled that its process has cancelled',
    async ({ engine, host, stored, job }) => {
      host.answer = () => ({
        status: 'cancelled',
        error: new Error('not needed any more'),
      });
      const cancelled = job();
      await engine.enqueue([cancelled]);
      await until(stored, cancelled.id, 'cancelled');
      assert.equal(host.attemptsOf(cancelled).length, 1);
    },
  ),
  script(
    'runs a failed job again with all its retries, and its starts counted on',
    async ({ engine, host, stored, job }) => {
      host.answer = ({ attempt }) => {
        if (attempt === 3) return { status: 'done' };
        const error = new Error(`attempt ${attempt}`);
        return attempt === 1
          ? { status: 'retry', afterMs: 0, error }
          : { status: 'failed', error };
      };
      const failing = job({ options: { retries: 1 } });
      await engine.enqueue([failing]);
      const failed = await until(stored, failing.id, 'failed');
      assert.equal(await stored.retry([failed]), 1);
      await host.ran(3, failing);
      assert.deepEqual(
        host
          .attemptsOf(failing)
          .map(({ attempt, failures }) => [attempt, failures]),
        [
          [1, 0],
          [2, 1],
          [3, 0],
        ],
      );
      // It does not run twice.
      assert.equal(await stored.retry([failed]), 0);
    },
  ),
  script(
    'runs a cancelled job again',
    async ({ engine, host, stored, job }) => {
      const unwanted = job({ delayMs: 3_600_000 });
      await engine.enqueue([unwanted]);
      await stored.cancel(await found(stored, unwanted));
      assert.equal(await stored.retry(await found(stored, unwanted)), 1);
      await engine.start(host);
      await host.ran(1, unwanted);
      assert.equal((await stored.counts()).cancelled, 0);
    },
    { isStarted: false, feature: 'delay' },
  ),
  script(
    'does not run a job again whose key another waiting job has',
    async ({ engine, host, stored, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ job: { task } }) => {
        if (task === 'long') await opened;
        return task === 'long'
          ? { status: 'done' }
          : { status: 'failed', error: new Error('no') };
      };
      const failing = job({ key: 'same' });
      await engine.enqueue([failing]);
      const failed = await until(stored, failing.id, 'failed');
      const long = job({ task: 'long' });
      await engine.enqueue([long]);
      await host.ran(1, long);
      await engine.enqueue([job({ key: 'same' })]);
      assert.equal(await stored.retry([failed]), 0);
      assert.equal((await stored.find(failing.id))?.status, 'failed');
      open();
    },
    { concurrency: 1 },
  ),
  script(
    'does not run a job again that has succeeded meanwhile',
    async ({ engine, host, stored, job }) => {
      host.answer = ({ attempt }) =>
        attempt === 1
          ? { status: 'failed', error: new Error('once') }
          : { status: 'done', result: '{"args":[1]}', keepMs: 3_600_000 };
      const paid = job({ key: 'same' });
      await engine.enqueue([paid]);
      const failed = await until(stored, paid.id, 'failed');
      assert.equal(await stored.retry([failed]), 1);
      const done = await until(stored, paid.id, 'succeeded');
      assert.equal(await stored.retry([failed]), 0);
      assert.equal((await stored.find(paid.id))?.status, 'succeeded');
      assert.equal(await stored.retry([done]), 1);
      await host.ran(3, paid);
    },
    { feature: 'keepResult' },
  ),
  script(
    'runs a job again whose key a running job has',
    async ({ engine, host, stored, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ job: { id } }) => {
        if (id === failing.id && host.attemptsOf(failing).length === 1) {
          return { status: 'failed', error: new Error('once') };
        }
        await opened;
        return { status: 'done' };
      };
      const failing = job({ key: 'same' });
      await engine.enqueue([failing]);
      const failed = await until(stored, failing.id, 'failed');
      const running = job({ key: 'same' });
      await engine.enqueue([running]);
      await host.ran(1, running);
      assert.equal(await stored.retry([failed]), 1);
      await host.ran(2, failing);
      open();
    },
  ),
  script(
    'changes the jobs of a list that can be changed, whatever the others are',
    async ({ engine, host, stored, job }) => {
      host.answer = () => ({ status: 'failed', error: new Error('no') });
      const [gone, again] = [job({ key: 'a' }), job({ key: 'b' })];
      await engine.enqueue([gone, again]);
      const failed = [
        await until(stored, gone.id, 'failed'),
        await until(stored, again.id, 'failed'),
      ];
      assert.equal(await stored.remove(failed.slice(0, 1)), 1);
      assert.equal(await stored.cancel(failed), 0);
      assert.equal(await stored.retry(failed), 1);
      await host.ran(2, again);
      await until(stored, again.id, 'failed');
      assert.equal(await stored.remove(failed), 1);
    },
  ),
  script(
    'removes jobs that do not run',
    async (bench) => {
      const { engine, stored, job } = bench;
      const { bad, long, open } = await failedAndRunning(bench);
      const waiting = job();
      await engine.enqueue([waiting]);
      for (const each of [bad, waiting]) {
        assert.equal(await stored.remove(await found(stored, each)), 1);
        assert.equal(await stored.find(each.id), undefined);
      }
      assert.equal(await stored.remove(await found(stored, long)), 0);
      open();
    },
    { concurrency: 1 },
  ),
];

async function found(
  stored: StoredJobs,
  { id }: { readonly id: string },
): Promise<StoredJob[]> {
  const job = await stored.find(id);
  assert.ok(job, `it does not find the job of task ${id}`);
  return [job];
}
