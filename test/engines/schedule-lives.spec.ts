import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { closeApps } from '../support/create-app.js';
import { pause } from '../support/pause.js';
import { deploy } from './support/recurring-app.js';
import { SCHEDULES, type ScheduleSpace } from './support/schedule-stores.js';

afterEach(closeApps);

const HOURLY = { every: '1h' } as const;
const DAILY = { every: '1d' } as const;

describe.each(SCHEDULES)('recurring tasks in $name', (scheduleCase) => {
  scheduleCase.describe('in the life of an application', () => {
    let space: ScheduleSpace;
    beforeAll(() => void (space = scheduleCase.space()));
    afterAll(() => space.close());

    it('stay while a process that declares them runs, and end after it, forth and back', async () => {
      const store = space.store();
      const before = await deploy(store.engine(), { a: HOURLY, b: HOURLY });
      expect(await before.changed()).toEqual(['added a, b']);
      const after = await deploy(store.engine(), { b: DAILY, c: HOURLY });
      expect(await after.changed()).toEqual(['added c; changed b']);
      expect(await after.names()).toEqual(['a', 'b', 'c']);
      await before.close();
      // Nothing else declares it now, and the next process finds that out.
      const second = await deploy(store.engine(), { b: DAILY, c: HOURLY });
      expect(await second.changed()).toEqual(['removed a']);
      expect(await second.names()).toEqual(['b', 'c']);

      const back = await deploy(store.engine(), { a: HOURLY, b: HOURLY });
      expect(await back.changed()).toEqual(['added a; changed b']);
      expect(await back.names()).toEqual(['a', 'b', 'c']);
      await after.close();
      const third = await deploy(store.engine(), { a: HOURLY, b: HOURLY });
      expect(third.changes()).toEqual([]);
      expect(await third.names()).toEqual(['a', 'b', 'c']);
      await second.close();
      const last = await deploy(store.engine(), { a: HOURLY, b: HOURLY });
      expect(await last.changed()).toEqual(['removed c']);
    });

    it('stay for as long as the lease of a process that is gone', async () => {
      const store = space.store();
      await deploy(store.engine(), { a: HOURLY });
      const other = await deploy(store.engine(), { b: HOURLY });
      expect(await other.names()).toEqual(['a', 'b']);
      await other.close();
      await store.endLeases();
      const later = await deploy(store.engine(), { b: HOURLY });
      expect(await later.changed()).toEqual(['removed a']);
    });

    it('stay while an application of another name is down', async () => {
      const store = space.store();
      const shop = store.engine({ application: 'shop' });
      const first = await deploy(shop, { a: HOURLY });
      await first.close();
      const blog = await deploy(store.engine({ application: 'blog' }), {
        b: HOURLY,
      });
      expect(await blog.changed()).toEqual(['added b']);
      expect(await blog.names()).toEqual(['a', 'b']);
      const nobody = await deploy(store.engine(), { c: HOURLY });
      expect(await nobody.names()).toEqual(['a', 'b', 'c']);
      const again = await deploy(shop, { d: HOURLY });
      expect(await again.changed()).toEqual(['added d; removed a']);
      expect(await again.names()).toEqual(['b', 'c', 'd']);
    });

    it('are what is declared when all processes start at once', async () => {
      const store = space.store();
      const processes = await Promise.all(
        Array.from({ length: 8 }, () =>
          deploy(store.engine(), { a: HOURLY, b: DAILY }),
        ),
      );
      const [one] = processes;
      expect(await one?.names()).toEqual(['a', 'b']);
      while (!processes.some(({ changes }) => changes().length > 0)) {
        await pause();
      }
      const added = processes.flatMap(({ changes }) => changes()).join();
      expect(added.match(/\ba\b/g)).toHaveLength(1);
      expect(added.match(/\bb\b/g)).toHaveLength(1);
      const listed = (await one?.stored.page({ status: 'delayed' }))?.tasks;
      expect(listed?.map(({ name }) => name).toSorted()).toEqual(['a', 'b']);
    });

    it('go on when the store has lost the jobs of their occurrences', async () => {
      const store = space.store();
      const first = await deploy(store.engine(), { a: HOURLY });
      await store.loseOccurrences();
      const startMs = Date.now();
      const second = await deploy(store.engine(), { a: HOURLY });
      const [schedule] = await second.stored.schedules();
      expect(schedule?.nextAt).toBeGreaterThanOrEqual(startMs);
      const waiting = await first.stored.counts();
      expect(waiting.delayed).toBe(1);
    });
  });
});
