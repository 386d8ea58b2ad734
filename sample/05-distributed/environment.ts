import type { ConfigType } from '@nestjs/config';
import { z } from 'zod';
import { environmentOf, httpUrl, port, text } from '../environment.js';

/** The environment variables of the application. */
export const environment = environmentOf({
  PORT: port,
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** The name of the queue that the API and its workers share. */
  QUEUE: text.default('orders'),
  /** Stands for a payment gateway, a warehouse and a mailer; every step of an order is posted to it. */
  BACK_OFFICE_URL: httpUrl,
});

export type Environment = ConfigType<typeof environment>;
