import { strict as assert } from 'node:assert';
import { enqueued, gate, type Script } from './script.js';

/** Names with all kinds of characters that a queue may have. */
const QUEUES_OF_HOST = ['default', 'media', 'mail/high-priority_2.0'];
const [, MEDIA, MAIL] = QUEUES_OF_HOST as [string, string, string];

/** Each queue has its own jobs, keys and concurrency. */
export const QUEUES: readonly Script[] = [
  {
    name: 'works all queues that the application names, with what their jobs contain',
    feature: 'queues',
    queues: QUEUES_OF_HOST,
    act: async ({ engine, host, job }) => {
      const jobs = [job(), job({ queue: MEDIA }), job({ queue: MAIL }), job()];
      const ids = await enqueued(engine, jobs);
      assert.equal(new Set(ids).size, jobs.length);
      await host.ran(jobs.length);
      for (const each of jobs) {
        assert.deepEqual(host.attemptsOf(each)[0]?.job, each);
      }
    },
  },
  {
    name: 'runs the jobs of one queue while those of another one hold all of its slots',
    feature: 'queues',
    queues: QUEUES_OF_HOST,
    concurrency: 2,
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      host.answer = async ({ job: { queue } }) => {
        if (queue === MEDIA) await opened;
        return { status: 'done' };
      };
      const slow = Array.from({ length: 3 }, () => job({ queue: MEDIA }));
      await engine.enqueue(slow);
      await host.ran(2);
      const others = [job(), job({ queue: MAIL }), job(), job({ queue: MAIL })];
      await engine.enqueue(others);
      for (const other of others) await host.ran(1, other);
      const begun = slow.filter((each) => host.attemptsOf(each).length > 0);
      assert.equal(begun.length, 2);
      open();
      for (const each of slow) await host.ran(1, each);
    },
  },
  {
    name: 'keeps the jobs of a queue that the application does not name',
    feature: 'queues',
    act: async ({ engine, host, job }) => {
      const stray = job({ queue: MEDIA });
      const [id = ''] = await enqueued(engine, [stray]);
      const other = job();
      await engine.enqueue([other]);
      await host.ran(1, other);
      assert.equal(host.attemptsOf(stray).length, 0);
      assert.equal(await engine.cancel(id), true);
      assert.equal(await engine.cancel(id), false);
    },
  },
  {
    name: 'stores one waiting job for each key in each queue, and removes only the one that is cancelled',
    feature: 'queues',
    queues: QUEUES_OF_HOST,
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const key = 'same';
      const [first, copy] = [job({ key }), job({ key })];
      const [media, mail] = [
        job({ key, queue: MEDIA }),
        job({ key, queue: MAIL }),
      ];
      const ids = await enqueued(engine, [first, copy, media, mail]);
      assert.equal(ids[0], ids[1]);
      assert.equal(new Set(ids).size, 3);
      assert.equal(await engine.cancel(ids[2] ?? ''), true);
      await engine.start(host);
      await host.ran(1, first);
      await host.ran(1, mail);
      assert.equal(host.attemptsOf(media).length, 0);
      assert.equal(host.attemptsOf(copy).length, 0);
    },
  },
  {
    name: 'runs a job again in its queue, with its attempts counted, whatever became of it',
    feature: 'queues',
    queues: QUEUES_OF_HOST,
    act: async ({ engine, host, job }) => {
      const seen: string[] = [];
      host.answer = ({ attempt, failures }) => {
        seen.push(`${attempt}/${failures}`);
        switch (seen.length) {
          case 1:
            return { status: 'retry', afterMs: 0, error: new Error('once') };
          case 2:
            return { status: 'unknown', error: new Error('not here') };
          case 3:
            return { status: 'returned' };
          default:
            return { status: 'done' };
        }
      };
      const moved = job({ queue: MAIL });
      await engine.enqueue([moved]);
      await host.ran(4, moved);
      assert.deepEqual(seen, ['1/0', '2/1', '2/1', '3/1']);
    },
  },
  {
    name: 'takes no job of any queue once it is paused',
    feature: 'queues',
    queues: QUEUES_OF_HOST,
    concurrency: 1,
    act: async ({ engine, host, job }) => {
      const { opened, open } = gate();
      host.answer = async () => {
        await opened;
        return { status: 'done' };
      };
      const jobs = QUEUES_OF_HOST.map((queue) => job({ queue }));
      await engine.enqueue(jobs);
      await host.ran(jobs.length);
      await engine.pause();
      await engine.enqueue(QUEUES_OF_HOST.map((queue) => job({ queue })));
      open();
      await engine.stop(2_000);
      assert.equal(host.runs.length, jobs.length);
    },
  },
];
