import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOf, flap } from '../../test/samples/04-analytics/flap.js';
import { platforms } from '../../test/support/platforms.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';

const CLIENTS = 200;
const EVENTS_OF_EACH = 4;
/** Several clients share a user. */
const USERS = 70;

describe.each(platforms)('two hundred clients over $name', (platform) => {
  let analytics: AnalyticsFixture;
  beforeAll(async () => {
    analytics = await startAnalytics(platform);
  }, 60_000);
  afterAll(() => analytics.close());

  it('lose no event, and send none twice, while the service flaps', async () => {
    const { service } = analytics;
    const atService = () => service.events.map((event) => event.event_id);
    service.react = flap;
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const user = 1 + (client % USERS);
      const first = await analytics.track(user, EVENTS_OF_EACH / 2);
      // The timer runs in between.
      if (client % 20 === 0) analytics.flush();
      return [...first, ...(await analytics.track(user, EVENTS_OF_EACH / 2))];
    });
    const ids = (await Promise.all(clients)).flat().sort();
    analytics.flush();
    await analytics.tester.settled();

    expect(new Set(ids).size).toBe(CLIENTS * EVENTS_OF_EACH);
    // No event is lost, or stored twice at the service or in the database. Batches whose
    // answers were all lost are in both.
    const saved = await analytics.saved();
    const inDatabase = saved.map((event) => event.eventId);
    const places = [...new Set([...atService(), ...inDatabase])];
    expect(places.sort()).toEqual(ids);
    expect(new Set(atService()).size).toBe(atService().length);
    expect(new Set(inDatabase).size).toBe(inDatabase.length);
    const savedBatches = new Set(saved.map((event) => event.batchId));
    const ends = [...service.deliveries.keys()].map((batchId) => ({
      isAtService: service.batches.has(batchId),
      isInDatabase: savedBatches.has(batchId),
    }));
    expect(ends).toEqual(ends.map((_end, place) => endOf(place)));
    for (const { batchId, eventId } of saved) {
      const batch = service.batches.get(batchId);
      const isThere = batch?.some(({ event_id: id }) => id === eventId);
      expect(isThere).toBe(batch && true);
    }

    // When the service recovers, it has each event once.
    service.react = () => 'accept';
    await analytics.tick();
    expect(atService().sort()).toEqual(ids);
    expect(await analytics.saved()).toEqual([]);
    expect(analytics.alerts.texts).toEqual([]);
  }, 120_000);
});
