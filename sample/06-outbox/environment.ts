import type { ConfigType } from '@nestjs/config';
import { databaseUrl, environmentOf, httpUrl, port } from '../environment.js';

/** The environment variables of the application. */
export const environment = environmentOf({
  PORT: port,
  DATABASE_URL: databaseUrl,
  /** Every mail is posted to it. */
  MAIL_URL: httpUrl,
});

export type Environment = ConfigType<typeof environment>;
