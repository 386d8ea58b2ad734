import type { ResultListener } from './result-listener.js';

type GeneratorLike = Iterator<unknown> | AsyncIterator<unknown>;

/**
 * Whether a result is a generator, sync or async: by its shape, because compilers build
 * generators of their own. Other iterables, such as arrays and streams, are values.
 */
export function isGenerator(value: unknown): value is GeneratorLike {
  if (typeof value !== 'object' || value === null) return false;
  const { next, return: end, throw: fail } = value as Partial<GeneratorLike>;
  return (
    typeof next === 'function' &&
    typeof end === 'function' &&
    typeof fail === 'function' &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/**
 * Runs a generator to its end and reports what it returns or, without that, the last value
 * that it yields. What it yields is awaited.
 */
export function runToEnd(
  generator: GeneratorLike,
  listener: ResultListener,
): void {
  let isStepping = false;
  const next = () => {
    isStepping = true;
    try {
      return generator.next();
    } finally {
      isStepping = false;
    }
  };
  const run = async (): Promise<unknown> => {
    let last: unknown;
    let isDone = false;
    try {
      while (!isDone && !listener.isOver) {
        const { done, value } = await next();
        const awaited: unknown = await value;
        isDone = done === true;
        if (!isDone || awaited !== undefined) last = awaited;
      }
      return last;
    } finally {
      // It was stopped during a step, or what it yielded was rejected.
      if (!isDone) await generator.return?.();
    }
  };
  // A generator cannot be ended while it runs, as when its task cancels itself.
  listener.stopListening = () =>
    isStepping ? undefined : generator.return?.();
  run().then(
    (value) => listener.onValue(value),
    (error: unknown) => listener.onError(error),
  );
}
