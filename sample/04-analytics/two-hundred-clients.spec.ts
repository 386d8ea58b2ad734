import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import type { Delivery, Reaction } from './peers/analytics-peer.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';

const CLIENTS = 200;
const EVENTS_OF_EACH = 12;
/** Several clients share one. */
const USERS = 70;

/** What becomes of the deliveries of a batch; a task makes three of them. */
const FLAPS: readonly (readonly Reaction[])[] = [
  ['accept'],
  ['refuse', 'accept'],
  ['loseAnswer', 'accept'],
  ['loseRequest', 'loseAnswer', 'accept'],
  ['refuse', 'loseRequest', 'refuse'],
  ['loseAnswer', 'loseAnswer', 'loseAnswer'],
  ['refuse', 'refuse', 'loseAnswer'],
];

function flap({ place, count }: Delivery): Reaction {
  return FLAPS[place % FLAPS.length]?.[count - 1] ?? 'accept';
}

/** Where a batch ends up after the three deliveries of its task. */
function placesOf(flaps: readonly Reaction[]) {
  return {
    isAtService: flaps.some(
      (reaction) => reaction === 'accept' || reaction === 'loseAnswer',
    ),
    isInDatabase: !flaps.includes('accept'),
  };
}

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
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      analytics.track(1 + (client % USERS), EVENTS_OF_EACH),
    );
    const ids = (await Promise.all(clients)).flat().sort();
    analytics.flush();
    await analytics.tester.settled();

    expect(new Set(ids).size).toBe(CLIENTS * EVENTS_OF_EACH);
    // Nothing is lost. No event is twice at the service or twice in the database. Some
    // are in both, in the same batch: those whose answers were all lost.
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
    expect(ends).toEqual(
      ends.map((_end, place) => placesOf(FLAPS[place % FLAPS.length] ?? [])),
    );
    for (const { batchId, eventId } of saved) {
      const batch = service.batches.get(batchId);
      const isThere = batch?.some(({ event_id: id }) => id === eventId);
      expect(isThere).toBe(batch && true);
    }

    // When the service works again, each is there once.
    service.react = () => 'accept';
    await analytics.tick();
    expect(atService().sort()).toEqual(ids);
    expect(await analytics.saved()).toEqual([]);
    expect(analytics.alerts.texts).toEqual([]);
  }, 120_000);
});
