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

/** Hears what a result comes to. */
export interface ResultListener {
  /** Whether it does not care any more. */
  readonly isOver: boolean;
  /** Stops what is listened to; set while there is something to stop. */
  stopListening?: StopListening | undefined;
  onValue(value: unknown): void;
  onError(error: unknown): void;
}

/**
 * Tells what `result` comes to: at once for a plain value, when it settles for a
 * promise, a thenable or an Observable, which is subscribed to.
 */
export function whenSettled(result: unknown, listener: ResultListener): void {
  if (isThenable(result)) {
    Promise.resolve(result).then(
      (value) => {
        if (listener.isOver) return;
        try {
          whenSettled(value, listener);
        } catch (error) {
          listener.onError(error);
        }
      },
      (error: unknown) => listener.onError(error),
    );
  } else if (isObservable(result)) {
    subscribeTo(result, listener);
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
  // Through a promise, as it emits in whatever async context it likes, and may end twice.
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
