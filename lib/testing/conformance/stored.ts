import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { StoredJob, StoredJobFilter } from '../../durable/stored-jobs.js';
import { STORED_STATUSES } from '../../durable/stored-task.js';
import {
  enqueued,
  gate,
  runOthers,
  type Bench,
  type Script,
} from './script.js';
import {
  all,
  failedAndRunning,
  idsIn,
  storedScript,
  until,
} from './stored-script.js';

/** How late the clock of a store may be, or early. */
const CLOCKS_MS = 60_000;

/** The jobs in a store can be found, listed and counted. */
export const STORED: readonly Script[] = [
  storedScript(
    'finds a stored job by the id of its task, and by its own',
    async ({ engine, stored, job }) => {
      const waiting = job({ key: 'order:17', priority: 3 });
      const [jobId = ''] = await enqueued(engine, [waiting]);
      for (const id of [waiting.id, jobId]) {
        const found = await stored.find(id);
        assert.deepEqual(found?.data, waiting);
        assert.equal(found?.jobId, jobId);
        assert.equal(found?.queue, 'default');
        assert.equal(found?.status, 'waiting');
        assert.equal(found?.attempt, 0);
        assert.ok(Math.abs((found?.storedAt ?? 0) - Date.now()) < CLOCKS_MS);
        assert.equal(found?.startedAt, undefined);
        assert.equal(found?.endedAt, undefined);
      }
      assert.equal(await stored.find(randomUUID()), undefined);
      assert.equal(await stored.find('no such id'), undefined);
    },
    { isStarted: false },
  ),
  storedScript(
    'says when a delayed job is due',
    async ({ engine, stored, job }) => {
      const delayed = job({ delayMs: 3_600_000 });
      await engine.enqueue([delayed]);
      const found = await stored.find(delayed.id);
      assert.equal(found?.status, 'delayed');
      const inMs = (found?.dueAt ?? 0) - Date.now();
      assert.ok(Math.abs(inMs - 3_600_000) < CLOCKS_MS, `${inMs} ms`);
    },
    { isStarted: false, feature: 'delay' },
  ),
  storedScript(
    'shows a job that runs, and keeps one that has failed, with its error',
    async ({ engine, host, stored, job }) => {
      const { opened, open } = gate();
      host.answer = async () => {
        await opened;
        return { status: 'failed', error: new TypeError('no funds') };
      };
      const failing = job();
      await engine.enqueue([failing]);
      await host.ran(1, failing);
      const running = await until(stored, failing.id, 'running');
      assert.equal(running.attempt, 1);
      assert.ok(Math.abs((running.startedAt ?? 0) - Date.now()) < CLOCKS_MS);
      open();
      const failed = await until(stored, failing.id, 'failed');
      assert.equal(failed.attempt, 1);
      assert.equal(failed.error?.name, 'TypeError');
      assert.equal(failed.error?.message, 'no funds');
      assert.ok((failed.endedAt ?? 0) >= (failed.startedAt ?? Infinity));
    },
  ),
  storedScript(
    'shows the last error of a job that waits for its next attempt',
    async ({ engine, host, stored, job }) => {
      host.answer = () => ({
        status: 'retry',
        afterMs: 3_600_000,
        error: new RangeError('not yet'),
      });
      const flaky = job();
      await engine.enqueue([flaky]);
      await host.ran(1, flaky);
      const delayed = await until(stored, flaky.id, 'delayed');
      assert.equal(delayed.attempt, 1);
      assert.equal(delayed.error?.name, 'RangeError');
      assert.equal(delayed.error?.message, 'not yet');
    },
    { feature: 'delay' },
  ),
  storedScript(
    'lists jobs in pages, each job once, although others are removed meanwhile',
    async ({ engine, stored, job }) => {
      const jobs = Array.from({ length: 25 }, () => job());
      await engine.enqueue([...jobs, ...jobs.slice(0, 5).map(delayedLike)]);
      const seen: StoredJob[] = [];
      let cursor: string | undefined;
      do {
        const page = await stored.page({ statuses: ['waiting'] }, 10, cursor);
        assert.ok(page.jobs.length <= 10);
        seen.push(...page.jobs);
        cursor = page.cursor;
        await stored.remove(page.jobs.slice(0, 3));
      } while (cursor !== undefined);
      assert.deepEqual(idsIn(seen), jobs.map(({ id }) => id).toSorted());
    },
    { isStarted: false, feature: 'delay' },
  ),
  storedScript(
    'lists the jobs that have ended with the last one first',
    async ({ engine, host, stored, job }) => {
      host.answer = () => ({ status: 'failed', error: new Error('no') });
      const jobs = [job(), job(), job()];
      for (const each of jobs) {
        await engine.enqueue([each]);
        await host.ran(1, each);
        await until(stored, each.id, 'failed');
      }
      const listed = await all(stored, { statuses: ['failed'] });
      assert.deepEqual(
        listed.map(({ data }) => Object(data).id as string),
        jobs.map(({ id }) => id).toReversed(),
      );
    },
    { concurrency: 1 },
  ),
  storedScript(
    'lists by status, name, key and queue',
    async ({ engine, stored, job }) => {
      const mail = job({ task: 'mail', key: 'a' });
      const other = job({ task: 'mail', key: 'b' });
      const invoice = job({ task: 'invoice', key: 'a' });
      const later = job({ task: 'mail', delayMs: 3_600_000 });
      await engine.enqueue([mail, other, invoice, later]);
      const list = async (filter: Partial<StoredJobFilter>) =>
        idsIn(await all(stored, { statuses: STORED_STATUSES, ...filter }));
      const ids = (...jobs: { id: string }[]) =>
        jobs.map(({ id }) => id).toSorted();
      assert.deepEqual(await list({}), ids(mail, other, invoice, later));
      assert.deepEqual(await list({ name: 'mail' }), ids(mail, other, later));
      assert.deepEqual(await list({ name: 'mail', key: 'a' }), ids(mail));
      assert.deepEqual(await list({ name: 'mail', key: 'c' }), []);
      assert.deepEqual(await list({ key: 'a' }), ids(mail, invoice));
      assert.deepEqual(
        await list({ name: 'mail', statuses: ['delayed'] }),
        ids(later),
      );
      assert.deepEqual(await list({ queue: 'default' }), await list({}));
    },
    { isStarted: false, feature: 'delay' },
  ),
  storedScript(
    'counts its jobs by status',
    async (bench) => {
      const { engine, host, stored, job } = bench;
      const { open } = await failedAndRunning(bench);
      const waiting = [job(), job({ priority: 2 })];
      const unwanted = job();
      await engine.enqueue([...waiting, unwanted, job({ delayMs: 3_600_000 })]);
      const found = await stored.find(unwanted.id);
      assert.equal(await stored.cancel(found ? [found] : []), 1);
      const counts = await stored.counts();
      assert.deepEqual(
        { ...counts, succeeded: 0 },
        {
          waiting: 2,
          delayed: 1,
          running: 1,
          succeeded: 0,
          failed: 1,
          cancelled: 1,
        },
      );
      assert.deepEqual(await stored.counts('default'), counts);
      open();
      await host.ran(4);
    },
    { concurrency: 1, feature: 'priority' },
  ),
  storedScript('lets no job start while its queue is paused', async (bench) => {
    const { engine, host, stored, job } = bench;
    assert.deepEqual(stored.queues, ['default']);
    await runOthers(bench);
    await stored.pause('default');
    assert.equal(await stored.isPaused('default'), true);
    const paused = job();
    await engine.enqueue([paused]);
    assert.equal((await stored.find(paused.id))?.status, 'waiting');
    assert.equal((await stored.counts('default')).waiting, 1);
    assert.equal(host.attemptsOf(paused).length, 0);
    await stored.resume('default');
    assert.equal(await stored.isPaused('default'), false);
    await host.ran(1, paused);
  }),
  storedScript('refuses a queue that it does not know', async ({ stored }) => {
    const queue = 'no such queue';
    const refused = { code: 'TASK_INVALID_OPTION', message: /no such queue/ };
    const page = () => stored.page({ statuses: STORED_STATUSES, queue }, 10);
    await assert.rejects(page, refused);
    await assert.rejects(stored.counts(queue), refused);
    await assert.rejects(stored.pause(queue), refused);
    await assert.rejects(stored.resume(queue), refused);
    await assert.rejects(stored.isPaused(queue), refused);
  }),
  storedScript(
    'lists the jobs of a name and key in pages, too',
    async ({ engine, host, stored, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ job: { task } }) => {
        if (task === 'bad') return { status: 'failed', error: new Error('no') };
        await opened;
        return { status: 'done' };
      };
      const [bad, long] = [job({ task: 'bad', key: 'a' }), job()];
      await engine.enqueue([bad]);
      await until(stored, bad.id, 'failed');
      await engine.enqueue([long]);
      await host.ran(1, long);
      const waiting = job({ task: 'bad', key: 'a' });
      await engine.enqueue([waiting, job({ task: 'bad', key: 'b' })]);
      const filter = { name: 'bad', key: 'a' };
      const seen: StoredJob[] = [];
      let cursor: string | undefined;
      do {
        const page = await stored.page(
          { statuses: STORED_STATUSES, ...filter },
          1,
          cursor,
        );
        assert.ok(page.jobs.length <= 1);
        seen.push(...page.jobs);
        cursor = page.cursor;
      } while (cursor !== undefined);
      assert.deepEqual(idsIn(seen), [bad.id, waiting.id].toSorted());
      open();
    },
    { concurrency: 1 },
  ),
];

function delayedLike(job: ReturnType<Bench['job']>) {
  return { ...job, id: randomUUID(), delayMs: 3_600_000 };
}
