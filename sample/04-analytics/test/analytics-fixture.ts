import type { AddressInfo } from 'node:net';
import type { INestApplication, OnApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import type { AnalyticsPeer } from '../../../test/samples/04-analytics/analytics-peer.js';
import {
  AnalyticsPeers,
  type AlertPeer,
} from '../../../test/samples/04-analytics/analytics-peers.js';
import {
  newDatabase,
  type TestDatabase,
} from '../../../test/samples/test-database.js';
import type { Platform } from '../../../test/support/platforms.js';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { Database } from '../../database/database.js';
import { LARGEST_INTEGER } from '../../database/database.js';
import { AppModule } from '../app.module.js';
import { environment, type Environment } from '../environment.js';
import { FlushTimer } from '../tracking/flush-timer.js';
import { TrackingService } from '../tracking/tracking.service.js';

export interface AnalyticsFixture {
  readonly app: INestApplication;
  readonly url: string;
  readonly service: AnalyticsPeer;
  readonly alerts: AlertPeer;
  readonly database: Database;
  readonly log: RecordingLogger;
  /** Records the tasks since {@link AnalyticsFixture.reset}. */
  readonly tester: TasksTester;
  post(body: unknown): Promise<Response>;
  /** Tracks events of a user, which must be accepted, one after the other; returns their ids. */
  track(userId: number, count: number): Promise<string[]>;
  /** Sends all buffered events. */
  flush(): void;
  /** Calls the timer and waits for the tasks. */
  tick(): Promise<void>;
  /** The events in the database. */
  saved(): Promise<SavedEvent[]>;
  /** The events that were in the database when the application closed it. */
  readonly leftBehind: readonly SavedEvent[];
  /** Starts the application again with the same peers and the same database. */
  startNext(): Promise<AnalyticsFixture>;
  /** Forgets all events, requests and rows. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface SavedEvent {
  readonly eventId: string;
  readonly batchId: string;
  readonly userId: number;
  readonly event: string;
  readonly properties: unknown;
}

export interface AnalyticsFixtureOptions {
  readonly databaseUrl?: string;
  /** By default the longest possible: tests call the timer themselves. */
  readonly flushIntervalMs?: number;
  readonly tasks?: TasksModuleOptions;
}

/** The application and its peers, all listening on free ports, with what tests need of them. */
export async function startAnalytics(
  platform: Platform,
  options: AnalyticsFixtureOptions = {},
): Promise<AnalyticsFixture> {
  const peers = new AnalyticsPeers();
  const own = options.databaseUrl ? undefined : await newDatabase();
  const databaseUrl = options.databaseUrl ?? own?.url ?? '';
  const urls = await peers.listen();
  return startApp(platform, peers, urls, { ...options, databaseUrl }, own);
}

async function startApp(
  platform: Platform,
  peers: AnalyticsPeers,
  urls: Pick<Environment, 'ANALYTICS_URL' | 'ALERT_URL'>,
  options: AnalyticsFixtureOptions & { readonly databaseUrl: string },
  ownDatabase?: TestDatabase,
): Promise<AnalyticsFixture> {
  const { service, alerts } = peers;
  const variables: Environment = {
    PORT: 0,
    DATABASE_URL: options.databaseUrl,
    FLUSH_INTERVAL_MS: options.flushIntervalMs ?? LARGEST_INTEGER,
    // Nothing may time out on a machine under load.
    DATABASE_TIMEOUT_MS: 60_000,
    REQUEST_TIMEOUT_MS: 60_000,
    ...urls,
  };
  const module = await Test.createTestingModule({
    imports: [
      AppModule.forRoot({
        // No delay between attempts.
        defaults: { backoff: { type: 'fixed', delay: 0 } },
        ...options.tasks,
      }),
    ],
  })
    .overrideProvider(environment.KEY)
    .useValue(variables)
    .compile();
  const log = new RecordingLogger();
  const app = module.createNestApplication(platform.adapter(), {
    logger: log,
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/track`;
  const database = app.get<Database & OnApplicationShutdown>(Database);
  // Longer than the default: two hundred clients are slow on a machine under load.
  const startTester = () => TasksTester.for(app, { timeout: '60s' });
  let tester = startTester();

  const post = (body: unknown) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const saved = () =>
    database.query<SavedEvent>(
      `SELECT event_id AS "eventId", batch_id AS "batchId", user_id AS "userId",
              event_type AS event, properties
       FROM analytics_events`,
    );
  const leftBehind: SavedEvent[] = [];
  const closeDatabase = database.onApplicationShutdown.bind(database);
  database.onApplicationShutdown = async () => {
    leftBehind.push(...(await saved().catch(() => [])));
    await closeDatabase();
  };
  return {
    app,
    url,
    service,
    alerts,
    database,
    log,
    get tester() {
      return tester;
    },
    post,
    track: async (userId, count) => {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const response = await post({ event: 'page_viewed', userId });
        const text = await response.text();
        if (response.status !== 202) throw new Error(text);
        ids.push((JSON.parse(text) as { eventId: string }).eventId);
      }
      return ids;
    },
    flush: () => app.get(TrackingService).flush(),
    tick: async () => {
      app.get(FlushTimer).tick();
      await tester.settled();
    },
    saved,
    leftBehind,
    startNext: () => startApp(platform, peers, urls, options),
    reset: async () => {
      service.reset();
      await tester.settled();
      app.get(FlushTimer).tick();
      await tester.settled();
      await database.query('TRUNCATE analytics_events');
      tester = startTester();
      log.lines.length = 0;
      service.reset();
      alerts.reset();
    },
    close: async () => {
      await app.close();
      await peers.close();
      await ownDatabase?.drop();
    },
  };
}
