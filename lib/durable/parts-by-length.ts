/** How long the arguments of one call of the engine may be together, encoded. */
const PART_LENGTH = 1_000_000;

/** A list in parts of limited length, with at least one entry in each. */
export function* partsByLength<T>(
  entries: readonly T[],
  lengthOf: (entry: T) => number,
): Iterable<readonly T[]> {
  let part: T[] = [];
  let total = 0;
  for (const entry of entries) {
    const length = lengthOf(entry);
    if (part.length > 0 && total + length > PART_LENGTH) {
      yield part;
      part = [];
      total = 0;
    }
    part.push(entry);
    total += length;
  }
  if (part.length > 0) yield part;
}
