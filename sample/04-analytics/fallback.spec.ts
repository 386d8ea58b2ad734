import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { postgresSchema } from '../../test/samples/postgres-schema.js';
import { platforms } from '../../test/support/platforms.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';

/** The tests for any PostgreSQL. */
function keepsWhatTheServiceDoesNotTake(
  database: string,
  openDatabase: () => Promise<string>,
  dropDatabase = async () => {},
): void {
  describe.each(platforms)(
    `a batch, with ${database}, over $name`,
    (platform) => {
      let analytics: AnalyticsFixture;
      beforeAll(async () => {
        const databaseUrl = await openDatabase();
        analytics = await startAnalytics(platform, { databaseUrl });
      }, 60_000);
      beforeEach(() => analytics.reset());
      afterAll(async () => {
        await analytics.close();
        await dropDatabase();
      });

      /** Tracks ten events and waits for the tasks. */
      const trackBatch = async (userId = 7) => {
        const ids = await analytics.track(userId, 10);
        await analytics.tester.settled();
        return ids;
      };
      const taken = () =>
        analytics.service.events.map((event) => event.event_id);
      const savedIds = async () =>
        (await analytics.saved()).map((event) => event.eventId).sort();
      const deliveries = () => [...analytics.service.deliveries.values()];

      it('reaches a service that fails twice with the third attempt', async () => {
        analytics.service.react = ({ count }) =>
          count < 3 ? 'refuse' : 'accept';
        const ids = await trackBatch();

        expect(deliveries()).toEqual([3]);
        expect(taken()).toEqual(ids);
        expect(await savedIds()).toEqual([]);
      });

      it('is taken once when its answer is lost', async () => {
        analytics.service.react = ({ count }) =>
          count < 2 ? 'loseAnswer' : 'accept';
        const ids = await trackBatch();

        expect(deliveries()).toEqual([2]);
        expect(taken()).toEqual(ids);
        expect(await savedIds()).toEqual([]);
      });

      it('is saved in the database when the service is out of order', async () => {
        analytics.service.react = () => 'refuse';
        const ids = await trackBatch();

        const [batchId] = analytics.service.deliveries.keys();
        expect(deliveries()).toEqual([3]);
        expect(await savedIds()).toEqual(ids.toSorted());
        expect(await analytics.saved()).toContainEqual({
          eventId: ids[0],
          batchId,
          userId: 7,
          event: 'page_viewed',
          properties: {},
        });
        expect(analytics.alerts.texts).toEqual([]);
      });

      it('is saved under the id that the service knows when all answers are lost', async () => {
        analytics.service.react = () => 'loseAnswer';
        await trackBatch();

        const [batchId] = analytics.service.batches.keys();
        const saved = await analytics.saved();
        expect(saved.map((event) => event.batchId)).toEqual(
          Array(10).fill(batchId),
        );

        analytics.service.react = () => 'accept';
        await analytics.tick();
        expect(taken()).toHaveLength(10);
        expect(await analytics.saved()).toEqual([]);
      });

      it('goes from the database to the service when that works again', async () => {
        analytics.service.react = () => 'refuse';
        const ids = [...(await trackBatch(1)), ...(await trackBatch(2))];
        await analytics.tick();
        expect(await savedIds()).toEqual(ids.toSorted());

        analytics.service.react = () => 'accept';
        await analytics.tick();
        expect(taken().sort()).toEqual(ids.toSorted());
        expect(await analytics.saved()).toEqual([]);
      });

      it('that is never taken does not keep others in the database', async () => {
        analytics.service.react = () => 'refuse';
        await trackBatch(1);
        const never = [...analytics.service.deliveries.keys()];
        const ids = await trackBatch(2);

        analytics.service.react = ({ batchId }) =>
          never.includes(batchId) ? 'refuse' : 'accept';
        await analytics.tick();
        await analytics.tick();
        expect(taken()).toEqual(ids);
        expect(await analytics.saved()).toHaveLength(10);
      });

      it('keeps all properties there can be on its way through the database', async () => {
        const properties = {
          zero: '\0',
          half: '\ud83d',
          quotes: `'";--\\`,
          deep: { a: [{ b: null }, 1e21, true, ''] },
          größe: '€',
        };
        analytics.service.react = () => 'refuse';
        await analytics.post({ event: 'odd', userId: 7, properties });
        await analytics.tick();
        analytics.service.react = () => 'accept';
        await analytics.tick();

        expect(analytics.service.events).toEqual([
          expect.objectContaining({ event: 'odd', properties }),
        ]);
      });

      describe('while the database is out of order too', () => {
        beforeEach(async () => {
          await analytics.database.query(
            'ALTER TABLE analytics_events RENAME TO out_of_order',
          );
          analytics.service.react = () => 'refuse';
        });
        afterEach(async () => {
          await analytics.database.query(
            'ALTER TABLE out_of_order RENAME TO analytics_events',
          );
        });

        it('raises one alert that counts the lost events', async () => {
          await trackBatch();
          await analytics.track(8, 3);
          await analytics.tick();

          const alertOf = (count: number) =>
            expect.stringMatching(
              `^Analytics pipeline failed completely: .* answered 503: .*\n` +
                `Fallback also failed: .*analytics_events.*\nLost ${count} events$`,
            );
          expect(analytics.alerts.texts).toEqual([alertOf(10), alertOf(3)]);
        });

        it('touches nothing else when the alert fails as well', async () => {
          analytics.alerts.behaviour = { delayMs: 0, status: 503 };
          await trackBatch();
          analytics.service.react = () => 'accept';
          const ids = await trackBatch();

          expect(taken()).toEqual(ids);
          expect(analytics.log.messages('error')).toContainEqual(
            expect.stringMatching(
              /error handler "BatchFallback" of task "analytics_batch_10_events" .*\/alert answered 503/,
            ),
          );
        });
      });
    },
  );
}

keepsWhatTheServiceDoesNotTake(
  'the embedded PostgreSQL',
  async () => 'memory://',
);

const schema = await postgresSchema('analytics');
if (schema) {
  keepsWhatTheServiceDoesNotTake(
    'a PostgreSQL server',
    schema.create,
    schema.drop,
  );
} else {
  it.skip('a batch, with a PostgreSQL server', () => {});
}
