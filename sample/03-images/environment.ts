import { tmpdir } from 'node:os';
import type { ConfigType } from '@nestjs/config';
import { z } from 'zod';
import {
  databaseUrl,
  environmentOf,
  httpUrl,
  integer,
  port,
  text,
} from '../environment.js';

/** The environment variables of the application; `.env.example` lists them. */
export const environment = environmentOf({
  PORT: port,
  DATABASE_URL: databaseUrl,
  CDN_URL: httpUrl,
  CDN_API_KEY: text,
  ANALYTICS_URL: httpUrl,
  /** Where uploads are stored while they are processed; it must exist. */
  TEMP_FOLDER: text.default(tmpdir()),
  MAX_UPLOAD_BYTES: integer(1).default(10 * 1024 * 1024),
  /** Width × height. A file of a few kilobytes can decode to gigabytes. */
  MAX_PIXELS: integer(1).default(25_000_000),
  /** The delay before the first retry; each further delay is twice as long. */
  RETRY_DELAY_MS: integer(0).default(500),
  /** Where images are rendered. */
  RENDER_IN: z.enum(['process', 'threads']).default('process'),
});

export type Environment = ConfigType<typeof environment>;
