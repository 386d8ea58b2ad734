import type { ConfigType } from '@nestjs/config';
import { z } from 'zod';
import { databaseUrl, environmentOf, integer, port } from '../environment.js';

/** The environment variables of the application. */
export const environment = environmentOf({
  PORT: port,
  DATABASE_URL: databaseUrl,
  /** Where the engine stores tasks; beside the orders without it. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** A pause after each page of an export, in milliseconds, to have time to watch. */
  PAGE_PAUSE_MS: integer(0).default(0),
});

export type Environment = ConfigType<typeof environment>;
