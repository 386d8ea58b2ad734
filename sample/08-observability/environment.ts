import type { ConfigType } from '@nestjs/config';
import { z } from 'zod';
import { environmentOf, integer, port } from '../environment.js';

/** The environment variables of the application. */
export const environment = environmentOf({
  PORT: port,
  /** Where tasks are stored. Without it they are in the memory of the API, which runs them itself. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** How long the payment gateway takes, in milliseconds. */
  GATEWAY_MS: integer(0).default(50),
});

export type Environment = ConfigType<typeof environment>;
