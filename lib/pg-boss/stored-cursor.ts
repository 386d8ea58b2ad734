import { isUuid } from '../engine-kit/uuid.js';
import type { StoredRow } from './stored-row.js';

/** Microseconds since 1970, and an id. */
type Place = readonly [string | null, string | null];

/** Where the next page begins: after a row of a section, or with a section. */
export function cursorOf(at: number, last?: StoredRow): string {
  if (!last) return `${at}`;
  const isEnded = ['completed', 'failed', 'cancelled'].includes(last.status);
  return `${at}_${isEnded ? last.ended : last.stored}_${last.id}`;
}

/** From the beginning where a cursor is none of ours. */
export function placeIn(cursor = ''): [number, Place] {
  const [, at, date, id] =
    /^(\d{1,6})(?:_(-?\d{1,18})_([0-9a-f-]{36}))?$/.exec(cursor) ?? [];
  const isPlace = date !== undefined && id !== undefined && isUuid(id);
  return [Number(at ?? 0), isPlace ? [date, id] : [null, null]];
}
