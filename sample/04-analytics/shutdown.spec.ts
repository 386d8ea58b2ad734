import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { TasksModuleOptions } from 'nestjs-tasks';
import { flap } from '../../test/samples/04-analytics/flap.js';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import { RawClient } from '../../test/support/raw-client.js';
import {
  startAnalytics,
  type AnalyticsFixture,
} from './test/analytics-fixture.js';
import { TrackingService } from './tracking/tracking.service.js';

const NO_GRACE = { gracePeriod: 0, abortPeriod: 0 };

/** Tracks an event over a separate connection; returns its id if there was a response. */
async function trackOnce(
  url: string,
  userId: number,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ event: 'page_viewed', userId }),
    });
    const { eventId } = (await response.json()) as { eventId?: string };
    return eventId;
  } catch {
    return undefined;
  }
}

describe.each(platforms)('a shutdown over $name', (platform) => {
  let analytics: AnalyticsFixture;
  afterEach(() => analytics.close());

  const start = async (shutdown?: TasksModuleOptions['shutdown']) => {
    analytics = await startAnalytics(platform, { tasks: { shutdown } });
  };
  /** Makes the service withhold its answers from the first delivery on. */
  const holdService = () => {
    const arrived = deferred();
    const released = deferred<'accept'>();
    analytics.service.react = () => {
      arrived.resolve();
      return released.promise;
    };
    return {
      arrived: arrived.promise,
      release: () => released.resolve('accept'),
    };
  };
  const taken = () => analytics.service.events.map((event) => event.event_id);
  const leftBehind = () =>
    analytics.leftBehind.map(({ eventId }) => eventId).sort();

  it('sends what is in the buffers, and waits until it is there', async () => {
    await start();
    const ids = [
      ...(await analytics.track(1, 3)),
      ...(await analytics.track(2, 9)),
    ];
    await analytics.app.close();

    expect(taken()).toEqual(ids);
    expect(leftBehind()).toEqual([]);
  }, 60_000);

  it('saves it while the database is open when the service is out of order', async () => {
    await start();
    analytics.service.react = () => 'refuse';
    const ids = await analytics.track(7, 3);
    await analytics.app.close();

    expect([...analytics.service.deliveries.values()]).toEqual([3]);
    expect(leftBehind()).toEqual(ids.toSorted());
  }, 60_000);

  it('lets no event wait that comes after the buffers were sent', async () => {
    await start();
    const server = analytics.app.getHttpServer() as Server;
    const tracking = analytics.app.get(TrackingService);
    const destroy = tracking.onModuleDestroy.bind(tracking);
    const flushed = deferred();
    tracking.onModuleDestroy = () => {
      destroy();
      flushed.resolve();
    };
    const body = JSON.stringify({ event: 'late', userId: 7 });
    const client = await RawClient.connect(analytics.url);
    const begun = once(server, 'request');
    client.write(
      'POST /track HTTP/1.1\r\nhost: test\r\nconnection: close\r\n' +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    await begun;
    const closed = analytics.app.close();
    await flushed.promise;
    client.write(body.slice(9));
    const response = await client.response();
    await closed;

    expect(response.status).toBe(202);
    const { eventId } = JSON.parse(response.body) as { eventId: string };
    expect(taken()).toEqual([eventId]);
  }, 60_000);

  it('loses no event that was answered, with two hundred clients at work', async () => {
    // Under this load the tasks may not become idle within the grace period.
    await start({ gracePeriod: '1s', abortPeriod: '1s' });
    const { service } = analytics;
    service.react = flap;
    const answered: string[] = [];
    const atWork = deferred();
    const clients = Array.from({ length: 200 }, async (_, client) => {
      // Until the server accepts no more connections.
      for (;;) {
        const id = await trackOnce(analytics.url, 1 + (client % 70));
        if (id === undefined) return;
        if (answered.push(id) === 500) atWork.resolve();
      }
    });
    await atWork.promise;
    await analytics.app.close();
    await Promise.all(clients);

    const places = new Set([...taken(), ...leftBehind()]);
    expect(answered.filter((id) => !places.has(id))).toEqual([]);
    expect(new Set(taken()).size).toBe(taken().length);
    expect(analytics.alerts.texts).toEqual([]);
  }, 120_000);

  it('saves what no task could finish within the grace period', async () => {
    await start(NO_GRACE);
    const { arrived } = holdService();
    const ids = await analytics.track(7, 10);
    await arrived;
    ids.push(...(await analytics.track(7, 3)));
    await analytics.app.close();

    expect(taken()).toEqual([]);
    expect(leftBehind()).toEqual(ids.toSorted());
  }, 60_000);

  it('leaves to the next start what the service has taken and not acknowledged', async () => {
    await start(NO_GRACE);
    const { arrived, release } = holdService();
    const ids = await analytics.track(7, 10);
    await arrived;
    await analytics.app.close();
    release();
    const next = await analytics.startNext();
    await next.tick();

    expect([...analytics.service.deliveries.values()]).toEqual([2]);
    expect(taken()).toEqual(ids);
    expect(await next.saved()).toEqual([]);
    await next.app.close();
  }, 60_000);

  it('raises an alert that counts what neither the service nor the database has', async () => {
    await start(NO_GRACE);
    const { arrived } = holdService();
    await analytics.track(7, 10);
    await arrived;
    await analytics.track(7, 3);
    await analytics.database.query('DROP TABLE analytics_events');
    await analytics.app.close();

    const counted = analytics.alerts.texts.map((text) =>
      text.split('\n').at(-1),
    );
    expect(counted).toHaveLength(2);
    expect(counted).toEqual(
      expect.arrayContaining(['Lost 10 events', 'Lost 3 events']),
    );
  }, 60_000);
});
