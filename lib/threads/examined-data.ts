import { isPrimitive, partsOf, type DataPart } from './data-parts.js';
import { isPlain, liveKindOf } from './live-objects.js';

/** What was found in a value that is to be copied to another thread. */
export interface ExaminedData {
  /** The first thing in it that cannot be copied. */
  readonly obstacle?: Obstacle | undefined;
  /** Whether there are objects of classes in it, of which some cannot be copied either. */
  readonly hasInstances: boolean;
  /** The buffers in it, which arrive as mere `Uint8Array`s. */
  readonly buffers: readonly Uint8Array[];
}

export interface Obstacle {
  /** Where it is, such as `args[1].onDone`. */
  readonly path: string;
  /** What it is, such as `a function`. */
  readonly what: string;
}

/** An object whose parts are being looked at. */
interface Visit {
  readonly step: string;
  readonly parts: Iterator<DataPart, void>;
}

/**
 * Looks through a value for what `structuredClone()` does not copy: functions,
 * symbols, promises and the like, at any depth.
 */
export function examineData(root: unknown, name: string): ExaminedData {
  const buffers: Uint8Array[] = [];
  const seen = new Set<unknown>();
  let hasInstances = false;
  const start: DataPart[] = [[name, root]];
  // A stack of its own: a long chain of objects must not overflow that of the calls.
  const visits: Visit[] = [{ step: '', parts: start.values() }];
  const stopAt = (step: string, what: string): ExaminedData => {
    const path = visits.map((visit) => visit.step).join('') + step;
    return { obstacle: { path, what }, hasInstances, buffers };
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
    if (Buffer.isBuffer(value)) buffers.push(value);
    else visits.push({ step, parts: partsOf(value as object) });
    hasInstances ||= !isPlain(value as object);
  }
  return { hasInstances, buffers };
}

/** Finds by trial what cannot be copied, when looking through it has found nothing. */
export function findByCopying(
  root: unknown,
  name: string,
): Obstacle | undefined {
  if (canBeCopied(root)) return undefined;
  const seen = new Set<unknown>();
  let path = name;
  let value = root as object;
  for (;;) {
    seen.add(value);
    const inner = [...partsOf(value)].find(
      ([, part]) => !seen.has(part) && !canBeCopied(part),
    );
    if (!inner)
      return { path, what: `an object of the class ${classOf(value)}` };
    path += inner[0];
    value = inner[1] as object;
  }
}

function canBeCopied(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
