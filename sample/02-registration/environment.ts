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
  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }),
  MAIL_FROM: text.default('Our App <no-reply@example.com>'),
  /** Where users reach the application: the links in the mails begin with it. */
  PUBLIC_URL: httpUrl.default('http://localhost:3000'),
  ANALYTICS_URL: httpUrl,
  ALERT_URL: httpUrl,
  /** The cost of hashing, and of guessing, a password; each further round doubles it. */
  HASH_ROUNDS: integer(4, 31).default(12),
  /** The delay before the first retry; each further delay is twice as long. */
  RETRY_DELAY_MS: integer(0).default(1_000),
});

export type Environment = ConfigType<typeof environment>;
