import type { ConfigType } from '@nestjs/config';
import { LARGEST_INTEGER } from '../database/database.js';
import {
  databaseUrl,
  environmentOf,
  httpUrl,
  integer,
  port,
} from '../environment.js';

/** The environment variables of the application; `.env.example` lists them. */
export const environment = environmentOf({
  PORT: port,
  DATABASE_URL: databaseUrl,
  ANALYTICS_URL: httpUrl,
  ALERT_URL: httpUrl,
  /** How long an event waits for nine others; timers take no more than 2^31 - 1. */
  FLUSH_INTERVAL_MS: integer(1, LARGEST_INTEGER).default(5_000),
  /** How long connecting to a server, and each statement, may take: a shutdown waits for them. */
  DATABASE_TIMEOUT_MS: integer(1, 60_000).default(2_000),
  /** How long the analytics service may take to accept a batch. */
  REQUEST_TIMEOUT_MS: integer(1, 60_000).default(2_000),
});

export type Environment = ConfigType<typeof environment>;
