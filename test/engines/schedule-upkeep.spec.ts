import { expect, it } from '@jest/globals';
import { ScheduleUpkeep } from '../../lib/engine-kit/schedule-upkeep.js';
import { ManualClock } from '../support/manual-clock.js';

/** What each look was told, and the upkeep whose store may be away. */
function upkeepOf({ isAway }: { isAway: boolean }) {
  const clock = new ManualClock();
  const looks: boolean[] = [];
  const store = { isAway };
  const upkeep = new ScheduleUpkeep({
    clock,
    isDeclaring: true,
    agree: async (mayRemove) => {
      if (store.isAway) throw new Error('away');
      looks.push(mayRemove);
      return 0;
    },
    failed: () => {},
  });
  return { clock, looks, store, upkeep };
}

it('removes no schedules right after the store was away for longer than a lease', async () => {
  const { clock, looks, store, upkeep } = upkeepOf({ isAway: false });
  await upkeep.look();
  await clock.advance(20_000);
  expect(looks).toEqual([true, true]);
  store.isAway = true;
  for (let second = 0; second < 70; second += 1) await clock.advance(1_000);
  store.isAway = false;
  await clock.advance(1_000);
  expect(looks).toEqual([true, true, false]);
  await clock.advance(20_000);
  expect(looks).toEqual([true, true, false, true]);
  upkeep.stop();
});

it('removes none where the store was away at the start', async () => {
  const { clock, looks, store, upkeep } = upkeepOf({ isAway: true });
  await upkeep.look();
  store.isAway = false;
  await clock.advance(1_000);
  await clock.advance(20_000);
  expect(looks).toEqual([false, true]);
  upkeep.stop();
});

it('ends when nothing is declared and nothing left', async () => {
  const clock = new ManualClock();
  let left = 1;
  let looks = 0;
  const upkeep = new ScheduleUpkeep({
    clock,
    isDeclaring: false,
    agree: async () => {
      looks += 1;
      return left;
    },
    failed: () => {},
  });
  await upkeep.look();
  left = 0;
  await clock.advance(20_000);
  expect(looks).toBe(2);
  expect(clock.pendingTimers).toBe(0);
});
