import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';

const event = { event: 'page_viewed', userId: 7, properties: { path: '/' } };
const nested = (levels: number) =>
  `{"event":"a","userId":7,"properties":${'{"a":'.repeat(levels)}1${'}'.repeat(levels + 1)}`;

const malformed: Readonly<Record<string, unknown>> = {
  'is no JSON': '{"userId": ',
  'is empty': '',
  'is null': 'null',
  'is a list': [event],
  'is an empty object': {},
  'has no user': { ...event, userId: undefined },
  'has a user that is text': { ...event, userId: '7' },
  'has user 0': { ...event, userId: 0 },
  'has half a user': { ...event, userId: 1.5 },
  'has a user beyond what the database can hold': { ...event, userId: 2 ** 31 },
  'has no name': { ...event, event: undefined },
  'has an empty name': { ...event, event: '' },
  'has a name that is a list': { ...event, event: ['page_viewed'] },
  'has a very long name': { ...event, event: 'a'.repeat(101) },
  'has a name that no database takes': { ...event, event: 'page\0viewed' },
  'has an unknown property': { ...event, eventId: '1' },
  'has properties that are a list': { ...event, properties: [1] },
  'has properties that are text': { ...event, properties: 'path=/' },
  'has properties that are null': { ...event, properties: null },
  'has very long properties': {
    ...event,
    properties: { a: 'a'.repeat(8_000) },
  },
  'has properties of too many levels': nested(6),
  'has properties of thousands of levels': nested(10_000),
};

describe.each(platforms)('a malformed event over $name', (platform) => {
  let analytics: AnalyticsFixture;
  beforeAll(async () => {
    analytics = await startAnalytics(platform);
  }, 60_000);
  beforeEach(() => analytics.reset());
  afterAll(() => analytics.close());

  it.each(Object.entries(malformed))(
    'that %s is a 400, and nothing of it is kept',
    async (_what, body) => {
      const response = await analytics.post(body);
      await analytics.tick();

      expect(response.status).toBe(400);
      expect(analytics.service.deliveries.size).toBe(0);
    },
  );

  it('does not count for the ten of its user', async () => {
    await analytics.track(7, 9);
    await analytics.post({ ...event, event: '' });
    await analytics.tester.settled();

    expect(analytics.service.deliveries.size).toBe(0);
  });

  it('says what is wrong with it', async () => {
    const response = await analytics.post({ ...event, userId: '7' });

    expect(await response.json()).toMatchObject({
      message: [expect.stringMatching(/^userId: .*number/)],
    });
  });

  it('may be one that reaches for a prototype: Fastify refuses it, Nest takes that out', async () => {
    const response = await analytics.post(
      '{"event":"a","userId":7,"properties":{"a":{"constructor":{"prototype":{"b":1}}},"toString":1}}',
    );
    await analytics.tick();

    const taken = analytics.service.events.map(({ properties }) => properties);
    const isFastify = platform.name === 'Fastify';
    expect(response.status).toBe(isFastify ? 400 : 202);
    expect(taken).toEqual(isFastify ? [] : [{ a: {}, toString: 1 }]);
  });
});
