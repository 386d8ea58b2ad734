import type { AddressInfo } from 'node:net';
import type { INestApplication, OnApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import type { Platform } from '../../../test/support/platforms.js';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import { LARGEST_INTEGER } from '../database/schema.js';
import { environment, type Environment } from '../environment.js';
import { AlertPeer } from '../peers/alert-peer.js';
import { AnalyticsPeer } from '../peers/analytics-peer.js';
import { FlushTimer } from '../tracking/flush-timer.js';
import { TrackingService } from '../tracking/tracking.service.js';

export interface AnalyticsFixture {
  readonly app: INestApplication;
  readonly url: string;
  readonly service: AnalyticsPeer;
  readonly alerts: AlertPeer;
  readonly database: Database;
  readonly log: RecordingLogger;
  /** Knows of the tasks since {@link AnalyticsFixture.reset}. */
  readonly tester: TasksTester;
  post(body: unknown): Promise<Response>;
  /** Tracks events of a user that must be accepted, one after the other; gives their ids. */
  track(userId: number, count: number): Promise<string[]>;
  /** Sends what is in the buffers. */
  flush(): void;
  /** What the timer does, and all that follows. */
  tick(): Promise<void>;
  /** The events in the database. */
  saved(): Promise<SavedEvent[]>;
  /** The events that were in the database when the application closed it. */
  readonly leftBehind: readonly SavedEvent[];
  /** Starts the application once more, with the same peers and the same database. */
  startNext(): Promise<AnalyticsFixture>;
  /** Forgets all that happened. */
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
  /** By default the longest there is: the timer is set off by hand. */
  readonly flushIntervalMs?: number;
  readonly tasks?: TasksModuleOptions;
}

interface Peers {
  readonly service: AnalyticsPeer;
  readonly alerts: AlertPeer;
  readonly urls: Pick<Environment, 'ANALYTICS_URL' | 'ALERT_URL'>;
}

/** The application with its peers, all listening on free ports, and what tests ask of them. */
export async function startAnalytics(
  platform: Platform,
  options: AnalyticsFixtureOptions = {},
): Promise<AnalyticsFixture> {
  const service = new AnalyticsPeer();
  const alerts = new AlertPeer();
  const urls = {
    ANALYTICS_URL: await service.listen(),
    ALERT_URL: await alerts.listen(),
  };
  return startApp(platform, { service, alerts, urls }, options);
}

async function startApp(
  platform: Platform,
  peers: Peers,
  options: AnalyticsFixtureOptions,
): Promise<AnalyticsFixture> {
  const { service, alerts, urls } = peers;
  const variables: Environment = {
    PORT: 0,
    DATABASE_URL: options.databaseUrl ?? 'memory://',
    // By default never: the timer is set off by hand.
    FLUSH_INTERVAL_MS: options.flushIntervalMs ?? LARGEST_INTEGER,
    // However busy the machine is: no attempt in a test fails because of the time.
    REQUEST_TIMEOUT_MS: 60_000,
    ...urls,
  };
  const module = await Test.createTestingModule({
    imports: [
      AppModule.forRoot({
        // Attempts follow each other at once.
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
  // Longer than its default: two hundred clients take their time on a busy machine.
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
    startNext: () => startApp(platform, peers, options),
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
      await service.close();
      await alerts.close();
    },
  };
}
