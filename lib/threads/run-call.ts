import { findByCopying } from './copy-obstacle.js';
import { encodeThrown } from './encoded-thrown.js';
import { examineData, restoreBuffers } from './examine-data.js';
import type { ThreadAnswer, ThreadCall } from './thread-call.js';

type AnyFunction = (...args: readonly unknown[]) => unknown;
type Exports = Readonly<Record<string, unknown>>;

/** On the thread: calls the function and prepares its outcome for the main thread. */
export async function runCall(
  call: ThreadCall,
  load: (url: string) => Promise<unknown>,
): Promise<ThreadAnswer> {
  let loaded: Exports;
  try {
    loaded = (await load(call.url)) as Exports;
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
  const why = `${found.path} is ${found.what}, which cannot be copied to the main thread`;
  return { kind: 'refused', why };
}

function answerOfThrown(thrown: unknown): ThreadAnswer {
  const encoded = encodeThrown(thrown);
  if (encoded.kind !== 'lost') return { kind: 'thrown', thrown: encoded };
  const why = `it threw a ${encoded.type}, which cannot be copied to the main thread`;
  return { kind: 'refused', why };
}

/**
 * A CommonJS module can have exports that Node.js does not detect. Its default export
 * contains all of them.
 */
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
