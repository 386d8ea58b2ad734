import { isThenable } from './settled.js';

/**
 * Calls foreign code whose end nothing waits for. What it throws, and what a promise that
 * it returns rejects with, reaches `failed` and nothing else; without `failed` it is
 * ignored. Code whose result is awaited is called by `callInto()`.
 *
 * @returns what it returned, or `undefined` when it threw
 */
export function contained<T>(
  act: () => T,
  failed: (error: unknown) => void = ignore,
): T | undefined {
  try {
    const result = act();
    // The type of a function that returns nothing also allows an async one.
    if (isThenable(result)) Promise.resolve(result).then(undefined, failed);
    return result;
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function ignore(): void {
  // Nothing depends on it.
}
