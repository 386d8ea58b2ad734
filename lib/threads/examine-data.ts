import { findObstacle, type CopyObstacle } from './copy-obstacle.js';
import { isPrimitive, valuesIn } from './object-parts.js';
import { isPlain, uncopyableKindOf } from './uncopyable-kind.js';

/** The findings about a value that is to be copied to another thread. */
export interface ExaminedData {
  /** The first part that cannot be copied. */
  readonly obstacle: CopyObstacle | undefined;
  /**
   * Whether copying can fail although there is no obstacle: the value contains objects of
   * other classes, or is deeply nested.
   */
  readonly isDoubtful: boolean;
  /** The `Buffer`s within the value: see {@link restoreBuffers}. */
  readonly buffers: readonly Uint8Array[];
}

/** The number of levels from which a value can be nested too deeply to be copied. */
const DEEP = 500;

/**
 * Searches a value, at any depth, for what `structuredClone()` does not copy: functions,
 * symbols, promises and the like. The path to an obstacle is only determined when there is
 * one, because this runs for every call and blocks the event loop.
 */
export function examineData(root: unknown, name: string): ExaminedData {
  const buffers: Uint8Array[] = [];
  const seen = new Set<unknown>();
  const values = [root];
  const depths = [0];
  let isDoubtful = false;
  let isFree = true;
  try {
    while (isFree && values.length > 0) {
      const value = values.pop();
      const depth = depths.pop() ?? 0;
      if (isPrimitive(value) || seen.has(value)) continue;
      seen.add(value);
      isFree = uncopyableKindOf(value) === undefined;
      isDoubtful ||= depth > DEEP || !isPlain(value as object);
      if (Buffer.isBuffer(value)) buffers.push(value);
      for (const part of valuesIn(value as object)) {
        if (isPrimitive(part)) continue;
        values.push(part);
        depths.push(depth + 1);
      }
    }
  } catch {
    // A getter can throw.
    isFree = false;
  }
  const obstacle = isFree ? undefined : findObstacle(root, name);
  return { obstacle, isDoubtful, buffers };
}

/**
 * A `Buffer` arrives on another thread as a `Uint8Array`. Turns those that were sent
 * as a `Buffer` into one again, in place.
 */
export function restoreBuffers(buffers: readonly Uint8Array[]): void {
  for (const bytes of buffers) Object.setPrototypeOf(bytes, Buffer.prototype);
}
