import { isPrimitive, valuesIn } from './data-parts.js';
import { isPlain, liveKindOf } from './live-objects.js';
import { findObstacle, type Obstacle } from './obstacles.js';

/** What was found in a value that is to be copied to another thread. */
export interface ExaminedData {
  /** The first thing in it that cannot be copied. */
  readonly obstacle: Obstacle | undefined;
  /**
   * Whether copying it can fail although there is no obstacle: because of objects of some
   * classes, or of too deep a nest.
   */
  readonly isDoubtful: boolean;
  /** The buffers in it, which arrive as mere `Uint8Array`s. */
  readonly buffers: readonly Uint8Array[];
}

/** From how many levels on a nest can be too deep to be copied. */
const DEEP = 500;

/**
 * Looks through a value for what `structuredClone()` does not copy: functions,
 * symbols, promises and the like, at any depth. Where an obstacle is, is found out only
 * when there is one: the event loop stands still meanwhile.
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
      isFree = liveKindOf(value) === undefined;
      isDoubtful ||= depth > DEEP || !isPlain(value as object);
      if (Buffer.isBuffer(value)) buffers.push(value);
      for (const part of valuesIn(value as object)) {
        if (isPrimitive(part)) continue;
        values.push(part);
        depths.push(depth + 1);
      }
    }
  } catch {
    // A getter that throws, for one.
    isFree = false;
  }
  const obstacle = isFree ? undefined : findObstacle(root, name);
  return { obstacle, isDoubtful, buffers };
}
