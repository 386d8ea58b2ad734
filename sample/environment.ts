import { getConfigToken, registerAs } from '@nestjs/config';
import { z } from 'zod';

const NAME = 'environment';

/** Injects the environment of whichever sample runs. */
export const ENVIRONMENT = getConfigToken(NAME);

export const port = z.coerce.number().int().min(0).max(65_535).default(3000);

/** An embedded PostgreSQL (`memory://`, `file://<folder>`) or a server (`postgres://…`). */
export const databaseUrl = z
  .string()
  .regex(/^(memory|file|postgres|postgresql):\/\//)
  .default('memory://');

export const httpUrl = z.url({ protocol: /^https?$/ });

export const text = z.string().min(1);

/** An integer, such as a number of milliseconds or bytes. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().min(min).max(max);

/** Reads the environment variables when the application starts, so that tests can override them. */
export function environmentOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.object(shape).readonly();
  return registerAs(NAME, () => {
    const { data, error } = schema.safeParse(process.env);
    // The message names the variables and omits their values, some of which are keys.
    if (error) {
      throw new Error(
        `The environment is not complete.\n${z.prettifyError(error)}`,
      );
    }
    return data;
  });
}
