import { types } from 'node:util';
import { isPrimitive, partsOf, type ObjectPart } from './object-parts.js';
import { uncopyableKindOf } from './uncopyable-kind.js';

/** A part of a value that cannot be copied to another thread. */
export interface CopyObstacle {
  /** Its path, such as `args[1].onDone`. */
  readonly path: string;
  /** Its kind, such as `a function`. */
  readonly what: string;
}

/** The number of characters of a path that a message shows. */
const LONGEST_PATH = 200;

/** An object whose parts are being visited. */
interface Visit {
  readonly step: string;
  readonly parts: Iterator<ObjectPart, void>;
}

/** Finds the first part of a value whose kind `structuredClone()` does not copy. */
export function findObstacle(
  root: unknown,
  name: string,
): CopyObstacle | undefined {
  const seen = new Set<unknown>();
  const start: ObjectPart[] = [[name, root]];
  // An explicit stack, as recursion into a long chain of objects would overflow.
  const visits: Visit[] = [{ step: '', parts: start.values() }];
  const stopAt = (step: string, what: string): CopyObstacle => {
    const path = visits.map((visit) => visit.step).join('') + step;
    return { path: shortened(path), what };
  };
  for (let visit = visits.at(-1); visit; visit = visits.at(-1)) {
    let next: IteratorResult<ObjectPart, void>;
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
    const what = uncopyableKindOf(value);
    if (what) return stopAt(step, what);
    seen.add(value);
    visits.push({ step, parts: partsOf(value as object) });
  }
  return undefined;
}

/** Finds by trial what cannot be copied, after {@link findObstacle} has found nothing. */
export function findByCopying(
  root: unknown,
  name: string,
): CopyObstacle | undefined {
  const failure = failureToCopy(root);
  if (!failure) return undefined;
  // structuredClone() recurses, and has exceeded the call stack.
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
