import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe.each(platforms)('events over $name', (platform) => {
  let analytics: AnalyticsFixture;
  beforeAll(async () => {
    analytics = await startAnalytics(platform);
  }, 60_000);
  beforeEach(() => analytics.reset());
  afterAll(() => analytics.close());

  /** The ids of the events that the service has accepted, by batch. */
  const taken = () =>
    [...analytics.service.batches.values()].map((events) =>
      events.map(({ event_id: id }) => id),
    );

  it('are answered with an id each', async () => {
    const response = await analytics.post({ event: 'page_viewed', userId: 7 });

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      status: 'tracked',
      eventId: expect.stringMatching(UUID),
    });
  });

  it('wait in memory while a user has fewer than ten', async () => {
    await analytics.track(7, 9);
    await analytics.tester.settled();

    analytics.tester.assertNotScheduled();
    expect(analytics.service.deliveries.size).toBe(0);
  });

  it('are sent together when a user has ten of them', async () => {
    const properties = { path: '/orders', from: { referrer: null, ad: [1] } };
    const before = await analytics.track(7, 9);
    const response = await analytics.post({
      event: 'order.created',
      userId: 7,
      properties,
    });
    const { eventId } = (await response.json()) as { eventId: string };
    await analytics.tester.settled();

    expect(taken()).toEqual([[...before, eventId]]);
    expect(analytics.service.events.at(-1)).toEqual({
      event_id: eventId,
      event: 'order.created',
      user_id: 7,
      properties,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    });
  });

  it('of one user do not fill the buffer of another', async () => {
    await analytics.track(1, 9);
    await analytics.track(2, 9);
    await analytics.tester.settled();
    expect(analytics.service.deliveries.size).toBe(0);

    await analytics.track(1, 1);
    await analytics.tester.settled();
    expect(analytics.service.events.map((event) => event.user_id)).toEqual(
      Array(10).fill(1),
    );
  });

  it('are answered while their batch is still under way', async () => {
    const held = deferred<'accept'>();
    analytics.service.react = () => held.promise;
    const ids = await analytics.track(7, 10);

    expect(taken()).toEqual([]);
    held.resolve('accept');
    await analytics.tester.settled();
    expect(taken()).toEqual([ids]);
  });

  it('become a shielded task of the request that completes the batch, named after their number', async () => {
    await analytics.track(7, 10);
    await analytics.tester.settled();

    const [task, ...others] = analytics.tester.scheduled();
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      name: 'analytics_batch_10_events',
      phase: 'immediate',
      options: { shield: true },
      status: 'succeeded',
    });
  });

  it('are each in one batch when they come at once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => analytics.track(7, 1)),
    );
    await analytics.tester.settled();

    expect(taken().map((batch) => batch.length)).toEqual([10, 10, 10, 10]);
    expect(taken().flat().sort()).toEqual(ids.flat().sort());
  });

  it('that wait are sent by the timer, those of many users together', async () => {
    const ids = [
      await analytics.track(1, 3),
      await analytics.track(2, 1),
      await analytics.track(3, 2),
    ];
    await analytics.tick();

    expect(taken()).toEqual([ids.flat()]);
    analytics.tester.assertScheduled({ name: 'analytics_batch_6_events' });
  });

  it('of very many users are sent in batches of at most a hundred', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, user) => analytics.track(user + 1, 7)),
    );
    await analytics.tick();

    expect(taken().map((batch) => batch.length)).toEqual([100, 100, 10]);
  });

  it('are sent once: the timer leaves nothing for the next time', async () => {
    const ids = await analytics.track(7, 3);
    await analytics.tick();
    await analytics.tick();

    expect(taken()).toEqual([ids]);
  });
});
