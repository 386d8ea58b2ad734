import { describe, expect, it } from '@jest/globals';
import { Deadline } from '../../lib/core/base/deadline.js';
import { deferred } from '../support/deferred.js';
import { ManualClock } from '../support/manual-clock.js';

describe('a deadline', () => {
  it('is met by work that settles in time, and leaves no timer', async () => {
    const clock = new ManualClock();
    const work = deferred();
    const met = new Deadline(100, clock).meets(work.promise);

    work.resolve();

    expect(await met).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is missed by work that takes longer, whose late error is ignored', async () => {
    const clock = new ManualClock();
    const work = deferred();
    const met = new Deadline(100, clock).meets(work.promise);

    await clock.advance(100);
    work.reject(new Error('late'));

    expect(await met).toBe(false);
  });

  it('passes on the error of work that rejects in time', async () => {
    const deadline = new Deadline(100, new ManualClock());

    await expect(
      deadline.meets(Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken');
  });

  it('is one point in time for several waits', async () => {
    const clock = new ManualClock();
    const deadline = new Deadline(100, clock);

    await clock.advance(60);
    const met = deadline.meets(new Promise(() => {}));

    expect(deadline.leftMs).toBe(40);
    await clock.advance(40);
    expect(await met).toBe(false);
    expect(deadline.leftMs).toBe(0);
  });

  it('gives the value of work in time, and the error of the caller after it', async () => {
    const clock = new ManualClock();
    const deadline = new Deadline(100, clock);
    const late = () => new Error('too late');

    expect(await deadline.valueOf(Promise.resolve(5), late)).toBe(5);
    const value = deadline.valueOf(new Promise(() => {}), late);
    const failure = expect(value).rejects.toThrow('too late');
    await clock.advance(100);
    await failure;
  });
});
