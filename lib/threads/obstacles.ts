import { types } from 'node:util';
import { isPrimitive, partsOf, type DataPart } from './data-parts.js';
import { liveKindOf } from './live-objects.js';

/** Something in a value that cannot be copied to another thread. */
export interface Obstacle {
  /** Where it is, such as `args[1].onDone`. */
  readonly path: string;
  /** What it is, such as `a function`. */
  readonly what: string;
}

/** How many characters of a path are shown. */
const LONGEST_PATH = 200;

/** An object whose parts are being looked at. */
interface Visit {
  readonly step: string;
  readonly parts: Iterator<DataPart, void>;
}

/** Finds the first thing in a value that `structuredClone()` does not copy. */
export function findObstacle(
  root: unknown,
  name: string,
): Obstacle | undefined {
  const seen = new Set<unknown>();
  const start: DataPart[] = [[name, root]];
  // A stack of its own: a long chain of objects must not overflow that of the calls.
  const visits: Visit[] = [{ step: '', parts: start.values() }];
  const stopAt = (step: string, what: string): Obstacle => {
    const path = visits.map((visit) => visit.step).join('') + step;
    return { path: shortened(path), what };
  };
  for (let visit = visits.at(-1); visit; visit = visits.at(-1)) {
    let next: IteratorResult<DataPart, void>;
    try {
      next = visit.parts.next();
    } catch {
      return stopAt('', 'an object that cannot be read');
    }
    if (next.done) {
      visits.pop();
      continue;
    }
    const [step, value] = next.value;
    if (isPrimitive(value) || seen.has(value)) continue;
    const what = liveKindOf(value);
    if (what) return stopAt(step, what);
    seen.add(value);
    visits.push({ step, parts: partsOf(value as object) });
  }
  return undefined;
}

/** Finds by trial what cannot be copied, when looking through it has found nothing. */
export function findByCopying(
  root: unknown,
  name: string,
): Obstacle | undefined {
  const failure = failureToCopy(root);
  if (!failure) return undefined;
  // Copying calls itself for what is inside.
  if (
    types.isNativeError(failure.error) &&
    failure.error.name === 'RangeError'
  ) {
    return { path: name, what: 'an object nested too deeply' };
  }
  const seen = new Set<unknown>();
  let path = name;
  let value = root as object;
  for (;;) {
    seen.add(value);
    const inner = [...partsOf(value)].find(
      ([, part]) => !seen.has(part) && failureToCopy(part),
    );
    if (!inner) {
      return {
        path: shortened(path),
        what: `an object of the class ${classOf(value)}`,
      };
    }
    path += inner[0];
    value = inner[1] as object;
  }
}

function failureToCopy(value: unknown): { error: unknown } | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function shortened(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  const half = LONGEST_PATH / 2;
  return `${path.slice(0, half)} … ${path.slice(-half)}`;
}
