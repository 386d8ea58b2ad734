import { strict as assert } from 'node:assert';
import { gate, type Script } from './script.js';

/** What is enqueued runs: complete, once, and no more jobs at a time than allowed. */
export const ENQUEUEING: readonly Script[] = [
  {
    name: 'runs a job with everything that it contains',
    act: async ({ engine, host, job }) => {
      const stored = job({
        args: '[[1],"déjà vu, 🎉, \\u0000 and \\"quotes\\""]',
        phase: 'afterRoute',
        key: 'order:42/é',
        options: {
          name: 'mine',
          shield: true,
          timeout: '2s',
          retries: 3,
          backoff: { type: 'fixed', delay: '1s' },
        },
        context: { traceparent: '00-1-2-01' },
      });
      await engine.enqueue([stored]);
      await host.ran(1);
      assert.deepEqual(host.runs[0]?.job, stored);
      assert.equal(host.runs[0]?.attempt, 1);
    },
  },
  {
    name: 'runs each of many jobs once, and returns their ids in order',
    act: async ({ engine, host, job }) => {
      const jobs = Array.from({ length: 500 }, () => job());
      const ids = await engine.enqueue(jobs);
      assert.equal(ids.length, jobs.length);
      assert.equal(new Set(ids).size, jobs.length);
      await host.ran(jobs.length);
      const last = job();
      await engine.enqueue([last]);
      await host.ran(1, last);
      const ran = host.runs.map((run) => run.job.id).toSorted();
      assert.deepEqual(ran, [...jobs, last].map(({ id }) => id).toSorted());
    },
  },
  {
    name: 'accepts an empty list of jobs',
    act: async ({ engine }) => {
      assert.deepEqual(await engine.enqueue([]), []);
    },
  },
  {
    name: 'keeps jobs that are enqueued before it starts',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const early = job();
      await engine.enqueue([early]);
      await engine.start(host);
      await host.ran(1, early);
    },
  },
  {
    name: 'runs no more jobs at once than its concurrency',
    concurrency: 3,
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      let running = 0;
      let most = 0;
      host.answer = async () => {
        running += 1;
        most = Math.max(most, running);
        await opened;
        running -= 1;
        return { status: 'done' };
      };
      await engine.enqueue(Array.from({ length: 10 }, () => job()));
      await host.ran(3);
      open();
      await host.ran(10);
      assert.equal(most, 3);
    },
  },
  {
    name: 'runs jobs that are large together',
    act: async ({ engine, host, job }) => {
      const args = JSON.stringify([['x'.repeat(250_000)]]);
      const jobs = Array.from({ length: 4 }, () => job({ args }));
      await engine.enqueue(jobs);
      await host.ran(jobs.length);
      assert.deepEqual(
        new Set(host.runs.map((run) => run.job.id)),
        new Set(jobs.map(({ id }) => id)),
      );
    },
  },
];
