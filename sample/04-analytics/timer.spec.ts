import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import { startAnalytics } from './test/analytics-fixture.js';

describe.each(platforms)('the timer over $name', (platform) => {
  // Only intervals are faked.
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setTimeout',
        'clearTimeout',
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('sends what waits at every interval, until the application shuts down', async () => {
    const analytics = await startAnalytics(platform, {
      flushIntervalMs: 5_000,
    });
    const taken = () => analytics.service.events.map((event) => event.event_id);
    const first = await analytics.track(7, 3);
    jest.advanceTimersByTime(4_999);
    await analytics.tester.settled();
    expect(taken()).toEqual([]);

    jest.advanceTimersByTime(1);
    await analytics.tester.settled();
    expect(taken()).toEqual(first);

    const second = await analytics.track(7, 2);
    jest.advanceTimersByTime(5_000);
    await analytics.tester.settled();
    expect(taken()).toEqual([...first, ...second]);

    await analytics.close();
    expect(jest.getTimerCount()).toBe(0);
  }, 60_000);
});
