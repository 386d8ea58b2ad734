import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import {
  ENGINES,
  type QueueSpace,
  type SharedQueue,
} from './support/shared-queues.js';
import { storeWork, type Work } from './support/store-work.js';
import { WorkerProcess } from './support/worker-process.js';

// Several processes start one after the other, and a lost worker is noticed after seconds.
jest.setTimeout(120_000);

/** What the engines promise. */
const FOUND_WITHIN_MS = 10_000;

describe.each(ENGINES)('a worker over $name', (engineCase) => {
  engineCase.describe('in a process of its own', () => {
    let space: QueueSpace;
    beforeAll(() => void (space = engineCase.space()));
    afterEach(() => WorkerProcess.killAll());
    afterAll(() => space.close());

    const store = (queue: SharedQueue, work: Work) =>
      storeWork(queue.engine({ worker: false }), work);

    /** A further worker, and the bound for this machine: its start shows how busy that is. */
    async function startTimed({ settings }: SharedQueue) {
      const startMs = performance.now();
      const worker = await WorkerProcess.start(settings);
      return { worker, boundMs: FOUND_WITHIN_MS + performance.now() - startMs };
    }

    it('that is killed has its job run again within 10 s, also the second time, with the attempt counted', async () => {
      const queue = space.queue();
      const first = await WorkerProcess.start(queue.settings);
      await store(queue, { what: 'survivor', until: 'gate' });
      await first.began('survivor');
      let victim = first;
      for (const attempt of [2, 3]) {
        const { worker, boundMs } = await startTimed(queue);
        const killedMs = performance.now();
        await victim.kill();
        expect(await worker.began('survivor')).toMatchObject({
          attempt,
          key: 'survivor',
        });
        expect(performance.now() - killedMs).toBeLessThan(boundMs);
        victim = worker;
      }
      victim.openGate();
      await victim.ended('survivor');
      victim.terminate();
      await victim.exited();
      expect(await queue.jobs()).toEqual([]);
    });

    it('that is killed and started again runs its job within 10 s', async () => {
      const queue = space.queue();
      const { worker, boundMs } = await startTimed(queue);
      await store(queue, { what: 'survivor', until: 'never' });
      await worker.began('survivor');
      await worker.kill();
      const killedMs = performance.now();
      const again = await WorkerProcess.start(queue.settings);
      expect(await again.began('survivor')).toMatchObject({ attempt: 2 });
      expect(performance.now() - killedMs).toBeLessThan(boundMs);
    });

    it('that was stopped for longer than its lock learns, once it goes on, that another one has its job', async () => {
      const queue = space.queue();
      const stopped = await WorkerProcess.start(queue.settings);
      await store(queue, { what: 'held', until: 'gate' });
      await stopped.began('held');
      const other = await WorkerProcess.start(queue.settings);
      stopped.suspend();
      expect(await other.began('held')).toMatchObject({ attempt: 2 });
      stopped.continue();
      await stopped.until(
        ({ is, what = '' }) =>
          is === 'log' && what.includes("is no longer this worker's"),
      );
      const events = stopped.reports.filter(({ is }) => is === 'event');
      expect(events.map((event) => 'type' in event && event.type)).toEqual([
        'started',
        'dropped',
      ]);
      // Whatever it does now, it does not end the job of the other one.
      stopped.openGate();
      await stopped.ended('held');
      stopped.terminate();
      await stopped.exited();
      expect(await queue.jobs()).toHaveLength(1);
      other.openGate();
      await other.ended('held');
      other.terminate();
      await other.exited();
      expect(await queue.jobs()).toEqual([]);
    });

    it('that is asked to end lets its jobs end, shielded or not, and gives back what is left', async () => {
      const queue = space.queue();
      const leaving = await WorkerProcess.start(queue.settings);
      await store(queue, { what: 'endless', until: 'never' });
      await store(queue, { what: 'plain', until: 'gate' });
      await store(queue, { what: 'shielded', until: 'gate', shield: true });
      await leaving.began('endless');
      await leaving.began('plain');
      await leaving.began('shielded');
      const staying = await WorkerProcess.start(queue.settings);
      leaving.terminate();
      leaving.openGate();
      await leaving.ended('plain');
      await leaving.ended('shielded');
      // A second start, and the only job that has one.
      expect(await staying.began('endless')).toMatchObject({ attempt: 2 });
      await leaving.exited();
      const again = staying.reports.filter(({ is }) => is === 'began');
      expect(again).toHaveLength(1);
      expect(leaving.reports.filter(({ is }) => is === 'escaped')).toEqual([]);
    });
  });
});
