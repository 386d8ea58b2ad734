import { isObservable, Observable } from 'rxjs';
import { nextMicrotask } from '../core/clock.js';
import { isThenable } from '../core/settled.js';

/**
 * A call of a handler: told when it starts and when its result is complete. Calls may
 * nest, when a handler passes its tasks on to another one.
 */
export interface HandlerCall {
  start(): void;
  /**
   * Releases the after-route tasks; the promise says when the result may go on.
   *
   * @throws (rejects with) the error of a required task that failed
   */
  end(threw: boolean): Promise<void> | undefined;
}

/**
 * Calls a handler as `call`. Its result, or its error, goes on when the after-route
 * tasks are drained. A stream to the client is never delayed.
 */
export function runHandler(
  call: HandlerCall,
  handler: () => unknown,
  isStream: boolean,
): unknown {
  const give = (value: unknown) =>
    isObservable(value)
      ? endUnlessSubscribed(drainAfter(value, call, isStream), call)
      : afterEnd(call, false, isStream, () => value);
  const fail = (error: unknown) =>
    afterEnd(call, true, isStream, () => {
      throw error;
    });

  call.start();
  let result: unknown;
  try {
    result = handler();
  } catch (error) {
    return fail(error);
  }
  return isThenable(result)
    ? Promise.resolve(result).then(give, fail)
    : give(result);
}

/**
 * The same Observable. Nest leaves one alone that comes when nobody waits for it any
 * more, as when the client of a stream has left; the call would never end.
 */
function endUnlessSubscribed(
  result: Observable<unknown>,
  call: HandlerCall,
): Observable<unknown> {
  let isEnded = false;
  const timer = setImmediate(() => {
    isEnded = true;
    void afterEnd(call, false, true, () => {});
  });
  return new Observable((subscriber) => {
    clearImmediate(timer);
    if (isEnded) call.start();
    isEnded = false;
    return result.subscribe(subscriber);
  });
}

/** The same values; the end, and a value that comes together with it, wait for the drain. */
export function drainAfter(
  source: Observable<unknown>,
  call: HandlerCall,
  isStream: boolean,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let isOver = false;
    let held: { readonly value: unknown } | undefined;
    const pass = () => {
      const passed = held;
      held = undefined;
      if (passed) subscriber.next(passed.value);
    };
    const subscription = source.subscribe({
      next(value) {
        if (isStream) return subscriber.next(value);
        pass();
        held = { value };
        nextMicrotask(() => {
          if (!isOver) pass();
        });
      },
      error(error: unknown) {
        pass();
        isOver = true;
        void afterEnd(call, true, isStream, () => subscriber.error(error));
      },
      complete() {
        isOver = true;
        const complete = () => {
          pass();
          subscriber.complete();
        };
        const ended = afterEnd(call, false, isStream, complete);
        if (ended instanceof Promise) {
          ended.catch((error: unknown) => subscriber.error(error));
        }
      },
    });
    return () => {
      subscription.unsubscribe();
      // Torn down before its end, as when the client of a stream leaves.
      if (!isOver) void afterEnd(call, false, true, () => {});
    };
  });
}

/**
 * Ends the call, then goes on: at once when there is nothing to wait for, or nobody
 * who could.
 */
function afterEnd<T>(
  call: HandlerCall,
  threw: boolean,
  isStream: boolean,
  goOn: () => T,
): T | Promise<T> {
  const drained = call.end(threw);
  if (!drained) return goOn();
  if (isStream) {
    // No required task can be answered for any more; it is reported as any other.
    drained.catch(() => {});
    return goOn();
  }
  // The handler's own error answers, whatever the required tasks say.
  return drained.then(goOn, threw ? goOn : undefined);
}
