import type { ConfigType } from '@nestjs/config';
import {
  databaseUrl,
  environmentOf,
  httpUrl,
  port,
  text,
} from '../environment.js';

/** The environment variables of the application; `.env.example` lists them. */
export const environment = environmentOf({
  PORT: port,
  DATABASE_URL: databaseUrl,
  PAYMENT_URL: httpUrl,
  PAYMENT_API_KEY: text,
  MAIL_URL: httpUrl,
  MAIL_API_KEY: text,
  WAREHOUSE_URL: httpUrl,
  ANALYTICS_URL: httpUrl,
  ALERT_URL: httpUrl,
});

export type Environment = ConfigType<typeof environment>;
