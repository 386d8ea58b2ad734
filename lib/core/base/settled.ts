import { isGenerator, runToEnd } from './generator-result.js';
import type { ResultListener } from './result-listener.js';
import { toError } from './to-error.js';

/** The part of an Observable that this package uses: rxjs is recognised by its shape. */
export interface ObservableLike<T> {
  subscribe(observer: {
    next: (value: T) => void;
    error: (error: unknown) => void;
    complete: () => void;
  }): { unsubscribe(): void };
}

/**
 * What the result of a task's function settles to: the value of its promise, the last value
 * of its Observable, or what its generator returns, else the last value that it yields.
 *
 * @publicApi
 */
export type Settled<R> =
  R extends PromiseLike<infer V>
    ? Settled<V>
    : R extends { lift: unknown; subscribe(observer: infer O): unknown }
      ? ObservedValue<O>
      : R extends
            | Generator<infer Y, infer T, never>
            | AsyncGenerator<infer Y, infer T, never>
        ? GeneratedValue<Y, T>
        : R;

/** A generator without a `return` returns `void`. */
type GeneratedValue<Y, T> = T extends void ? Settled<Y> : Settled<T>;

/**
 * The values that an observer receives. rxjs overloads `subscribe`; inference sees the
 * last overload, whose parameter is either an observer or its `next` function.
 */
type ObservedValue<O> =
  NonNullable<O> extends infer P
    ? P extends (value: infer V) => void
      ? V
      : P extends { next?: ((value: infer V) => void) | undefined }
        ? V
        : never
    : never;

/**
 * Calls foreign code whose result is awaited: what it throws, or what its result settles
 * to, reaches `listener` and nothing else.
 */
export function callInto(act: () => unknown, listener: ResultListener): void {
  try {
    whenSettled(act(), listener);
  } catch (thrown) {
    listener.onError(thrown);
  }
}

/**
 * Reports what `result` settles to: at once for a plain value, later for a promise, a
 * thenable, an Observable, which is subscribed to, or a generator, which is run to its end.
 */
function whenSettled(result: unknown, listener: ResultListener): void {
  if (isThenable(result)) {
    Promise.resolve(result).then(
      (value) => {
        if (!listener.isOver) callInto(() => value, listener);
      },
      (error: unknown) => listener.onError(error),
    );
  } else if (isObservable(result)) {
    subscribeTo(result, listener);
  } else if (isGenerator(result)) {
    runToEnd(result, listener);
  } else {
    listener.onValue(result);
  }
}

function subscribeTo(
  source: ObservableLike<unknown>,
  listener: ResultListener,
): void {
  let last: unknown;
  let subscription: { unsubscribe(): void } | undefined;
  // Through a promise: an Observable may emit in any async context, and may end twice.
  new Promise<void>((resolve, reject) => {
    subscription = source.subscribe({
      next: (value) => (last = value),
      error: reject,
      complete: resolve,
    });
  }).then(
    () => listener.onValue(last),
    (error: unknown) => listener.onError(error),
  );
  listener.stopListening = () => subscription?.unsubscribe();
}

/**
 * Promises what `start` reports to its listener.
 *
 * @throws (rejects with) an `Error` for what it reports, or what `start` throws
 */
export async function resultOf<R>(
  start: (listener: ResultListener) => void,
  taskName: string,
): Promise<R> {
  try {
    return await new Promise<R>((resolve, reject) => {
      const onValue = resolve as (value: unknown) => void;
      start({ isOver: false, onValue, onError: reject });
    });
  } catch (thrown) {
    throw toError(thrown, taskName);
  }
}

/** Prevents an unhandled rejection of a promise that nobody awaits. */
export function ignoreRejection(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).then(undefined, () => {});
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) ||
      typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function isObservable(value: unknown): value is ObservableLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Record<PropertyKey, unknown>;
  return (
    typeof candidate['subscribe'] === 'function' &&
    (typeof candidate['lift'] === 'function' ||
      typeof candidate['@@observable'] === 'function' ||
      typeof candidate[observableSymbol()] === 'function')
  );
}

function observableSymbol(): PropertyKey {
  return (
    (Symbol as { observable?: symbol | undefined }).observable ?? '@@observable'
  );
}
