import { restoreBuffers } from './buffers.js';
import { encodeThrown } from './encoded-error.js';
import { examineData } from './examined-data.js';
import { findByCopying } from './obstacles.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';

type AnyFunction = (...args: readonly unknown[]) => unknown;
type Exports = Readonly<Record<string, unknown>>;

/** On the thread: calls the function, and makes what comes of it ready for the way back. */
export async function runCall(call: ThreadCall): Promise<ThreadAnswer> {
  let loaded: Exports;
  try {
    loaded = (await import(call.url)) as Exports;
  } catch (error) {
    return {
      kind: 'refused',
      why: `its module ${call.url} cannot be loaded`,
      cause: encodeThrown(error),
    };
  }
  const fn = findFunction(loaded, call.exportName);
  if (!fn) {
    const names = functionNames(loaded).join(', ') || 'none';
    const why = `${call.url} does not export that function; the functions that it exports: ${names}`;
    return { kind: 'refused', why };
  }
  restoreBuffers(call.buffers);
  try {
    return answerOf(await fn(...call.args));
  } catch (thrown) {
    return answerOfThrown(thrown);
  }
}

function answerOf(value: unknown): ThreadAnswer {
  const { obstacle, isDoubtful, buffers } = examineData(value, 'result');
  const found =
    obstacle ?? (isDoubtful ? findByCopying(value, 'result') : undefined);
  if (!found) return { kind: 'value', value, buffers };
  const why = `${found.path} is ${found.what}, which cannot be copied to the thread that waits for it`;
  return { kind: 'refused', why };
}

function answerOfThrown(thrown: unknown): ThreadAnswer {
  const encoded = encodeThrown(thrown);
  if (encoded.kind !== 'lost') return { kind: 'thrown', thrown: encoded };
  const why = `it threw a ${encoded.type}, which cannot be copied to the thread that waits for it`;
  return { kind: 'refused', why };
}

/** Of a CommonJS module not every export is known by its name; all are on its default export. */
function findFunction(loaded: Exports, name: string): AnyFunction | undefined {
  const inner = Object(loaded['default']) as Exports;
  const candidates = [loaded[name], inner[name]];
  return candidates.find((candidate) => typeof candidate === 'function') as
    AnyFunction | undefined;
}

function functionNames(loaded: Exports): string[] {
  const all = { ...(loaded['default'] as Exports | undefined), ...loaded };
  return Object.keys(all).filter((name) => typeof all[name] === 'function');
}
