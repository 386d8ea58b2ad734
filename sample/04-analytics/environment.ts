import { registerAs } from '@nestjs/config';
import { z } from 'zod';

/** The environment variables of the application; `.env.example` lists them. */
const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),

  /** An embedded PostgreSQL (`memory://`, `file://<folder>`), or a server (`postgres://…`). */
  DATABASE_URL: z
    .string()
    .regex(/^(memory|file|postgres|postgresql):\/\//)
    .default('memory://'),

  ANALYTICS_URL: z.url({ protocol: /^https?$/ }),

  ALERT_URL: z.url({ protocol: /^https?$/ }),

  /** How long an event waits for nine others, in milliseconds. */
  FLUSH_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_147_483_647)
    .default(5_000),

  /** How long the analytics service may take over a batch, in milliseconds. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(1).max(60_000).default(2_000),
});

export type Environment = Readonly<z.infer<typeof schema>>;

/** Read when the application starts, so that a test can put another in its place. */
export const environment = registerAs('environment', (): Environment => {
  const { data, error } = schema.safeParse(process.env);
  // Only what is wrong: the values of others, such as passwords, stay out of the log.
  if (error) {
    throw new Error(
      `The environment is not complete.\n${z.prettifyError(error)}`,
    );
  }
  return data;
});
