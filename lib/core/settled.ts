/** What this package needs of an Observable: rxjs is recognised by its shape. */
export interface ObservableLike<T> {
  subscribe(observer: {
    next: (value: T) => void;
    error: (error: unknown) => void;
    complete: () => void;
  }): { unsubscribe(): void };
}

/**
 * What a task's function comes to: the value of its promise, or the last value
 * of its Observable.
 *
 * @publicApi
 */
export type Settled<R> =
  R extends PromiseLike<infer V>
    ? Settled<V>
    : R extends { lift: unknown; subscribe(observer: infer O): unknown }
      ? ObservedValue<O>
      : R;

/**
 * The values that an observer is given. rxjs overloads `subscribe`; inference sees the
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

/** Stops listening to a result that nobody waits for any more. */
export type StopListening = () => void;

/**
 * Tells what `result` comes to: at once for a plain value, when it settles for a
 * promise, a thenable or an Observable. An Observable is unsubscribed from by the
 * returned function.
 */
export function whenSettled(
  result: unknown,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): StopListening | undefined {
  if (isThenable(result)) {
    let stopped = false;
    let stopInner: StopListening | undefined;
    Promise.resolve(result).then((value) => {
      if (stopped) return;
      try {
        stopInner = whenSettled(value, onValue, onError);
      } catch (error) {
        onError(error);
      }
    }, onError);
    return () => {
      stopped = true;
      stopInner?.();
    };
  }
  if (isObservable(result)) return subscribeTo(result, onValue, onError);
  onValue(result);
  return undefined;
}

function subscribeTo(
  source: ObservableLike<unknown>,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): StopListening {
  let last: unknown;
  let subscription: { unsubscribe(): void } | undefined;
  // Through a promise, as it emits in whatever async context it likes, and may end twice.
  new Promise<void>((resolve, reject) => {
    subscription = source.subscribe({
      next: (value) => (last = value),
      error: reject,
      complete: resolve,
    });
  }).then(() => onValue(last), onError);
  return () => subscription?.unsubscribe();
}

/** Keeps the failure of a promise that nobody asked for from being an unhandled one. */
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
