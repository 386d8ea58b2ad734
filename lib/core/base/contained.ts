import { isThenable } from './settled.js';

/**
 * Calls foreign code whose end nothing waits for. What it throws, and what a promise that
 * it returns rejects with, reaches `failed` and nothing else; without `failed` it is
 * ignored. Code whose result is awaited is called by `callInto()`.
 *
 * @param argument for both, so that a call that is made very often needs no new functions
 * @returns what it returned, or `undefined` when it threw
 */
export function contained<T, A = undefined>(
  act: (argument: A) => T,
  failed: (error: unknown, argument: A) => void = ignore,
  argument: A = undefined as A,
): T | undefined {
  try {
    const result = act(argument);
    // The type of a function that returns nothing also allows an async one.
    if (isThenable(result)) {
      Promise.resolve(result).then(undefined, (error: unknown) =>
        failed(error, argument),
      );
    }
    return result;
  } catch (error) {
    failed(error, argument);
    return undefined;
  }
}

function ignore(): void {
  // Nothing depends on it.
}
