import { z } from 'zod';
import { LARGEST_INTEGER } from '../database/schema.js';

const DEEPEST = 5;
const LONGEST = 8_000;

/**
 * What clients may track. All of it is bounded: events wait in memory, and one that
 * neither the service nor the database can take would be in the way of its batch.
 */
export const trackEvent = z.strictObject({
  event: z.string().regex(/^[\w.:-]{1,100}$/),
  userId: z.int().positive().max(LARGEST_INTEGER),
  properties: z
    .record(z.string(), z.unknown())
    .refine(isSmall, {
      error: `Expected at most ${DEEPEST} levels and ${LONGEST} characters`,
    })
    .default({}),
});

export type TrackEvent = z.infer<typeof trackEvent>;

function isSmall(properties: object): boolean {
  return (
    isWithin(DEEPEST, properties) &&
    JSON.stringify(properties).length <= LONGEST
  );
}

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    levels > 0 &&
    Object.values(value).every((inner) => isWithin(levels - 1, inner))
  );
}
