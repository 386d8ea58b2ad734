import { z } from 'zod';
import { LARGEST_INTEGER } from '../../database/database.js';

const MAX_DEPTH = 5;
const MAX_LENGTH = 8_000;

/**
 * An event from a client. Its size is limited, because events are kept in memory and one
 * that neither the service nor the database accepts would block its batch.
 */
export const trackEvent = z.strictObject({
  event: z.string().regex(/^[\w.:-]{1,100}$/),
  userId: z.int().positive().max(LARGEST_INTEGER),
  properties: z
    .record(z.string(), z.unknown())
    .refine(isSmall, {
      error: `Expected at most ${MAX_DEPTH} levels and ${MAX_LENGTH} characters`,
    })
    .default({}),
});

export type TrackEvent = z.infer<typeof trackEvent>;

function isSmall(properties: object): boolean {
  return (
    isWithin(MAX_DEPTH, properties) &&
    JSON.stringify(properties).length <= MAX_LENGTH
  );
}

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    levels > 0 &&
    Object.values(value).every((inner) => isWithin(levels - 1, inner))
  );
}
