import { isObservable, Observable } from 'rxjs';
import { nextMicrotask } from '../../core/base/clock.js';
import { isThenable } from '../../core/base/settled.js';
import type { Tasks } from '../../core/scheduling/tasks.js';
import { ambientTasks, runWithTasks } from '../scopes/current-tasks.js';
import type { HandlerCall } from '../scopes/handler-call.js';
import { implementationWith } from './implementation.js';

/**
 * Runs a handler and reports its start and end to `call`. Its result, or its error, is
 * passed on when the after-route tasks are drained. A stream to the client is never
 * delayed.
 */
export function runHandler(
  call: HandlerCall,
  handler: (...args: unknown[]) => unknown,
  self: unknown,
  args: readonly unknown[],
  isStream: boolean,
): unknown {
  call.start();
  let result: unknown;
  let isPromised: boolean;
  try {
    result = Reflect.apply(handler, self, args);
    isPromised = isThenable(result);
  } catch (error) {
    return fail(error, call, isStream);
  }
  if (!isPromised) return pass(result, call, isStream);
  return Promise.resolve(result).then(
    (value) => pass(value, call, isStream),
    (error: unknown) => fail(error, call, isStream),
  );
}

/** Ends the call, unless the value goes on, and passes the value on. */
function pass(value: unknown, call: HandlerCall, isStream: boolean): unknown {
  if (isStreamOf(value)) {
    return endUnlessSubscribed(drainAfter(value, call, isStream), call);
  }
  const implementation = endingWithCall(value, call, isStream);
  if (implementation !== undefined) {
    call.defer();
    return implementation;
  }
  const drained = call.end(false, isStream);
  return drained ? drained.then(() => value) : value;
}

/**
 * Ends the call, and throws or rejects with the error: it takes precedence over those of
 * required tasks.
 */
function fail(
  error: unknown,
  call: HandlerCall,
  isStream: boolean,
): Promise<never> {
  const drained = call.end(true, isStream);
  if (!drained) throw error;
  const rethrow = () => {
    throw error;
  };
  return drained.then(rethrow, rethrow);
}

/**
 * What a handler returned for an interceptor to call, if it did: the call of the handler
 * ends when that call has, and has the same tasks.
 */
function endingWithCall(
  value: unknown,
  call: HandlerCall,
  isStream: boolean,
  ambient?: Tasks,
): unknown {
  return implementationWith(value, (fn) => {
    const current = ambient ?? ambientTasks();
    return function (this: unknown, ...args) {
      const run = () => runHandler(call, fn, this, args, isStream);
      return current ? runWithTasks(current, run) : run();
    };
  });
}

/** What the handler returned may throw when it is looked at; then it is no Observable. */
function isStreamOf(value: unknown): value is Observable<unknown> {
  try {
    return isObservable(value);
  } catch {
    return false;
  }
}

/**
 * The same Observable, with an end of the call in case nobody subscribes: Nest ignores
 * an Observable that is returned too late, as when the client of a stream has left.
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

/**
 * The same values. The completion, and a value that is emitted together with it, wait
 * for the drain.
 */
export function drainAfter(
  source: Observable<unknown>,
  call: HandlerCall,
  isStream: boolean,
  ambient?: Tasks,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let isOver = false;
    let isImplementation = false;
    let held: { readonly value: unknown } | undefined;
    const passHeld = () => {
      const passed = held;
      held = undefined;
      if (passed) subscriber.next(passed.value);
    };
    const subscription = source.subscribe({
      next(value) {
        if (isStream) return subscriber.next(value);
        passHeld();
        const called = endingWithCall(value, call, isStream, ambient);
        isImplementation = called !== undefined;
        held = { value: called ?? value };
        nextMicrotask(() => {
          if (!isOver) passHeld();
        });
      },
      error(error: unknown) {
        passHeld();
        isOver = true;
        void afterEnd(call, true, isStream, () => subscriber.error(error));
      },
      complete() {
        isOver = true;
        const complete = () => {
          passHeld();
          subscriber.complete();
        };
        if (isImplementation) {
          call.defer();
          return complete();
        }
        const ended = afterEnd(call, false, isStream, complete);
        if (ended instanceof Promise) {
          ended.catch((error: unknown) => subscriber.error(error));
        }
      },
    });
    return () => {
      subscription.unsubscribe();
      // Unsubscribed before its end, as when the client of a stream leaves.
      if (!isOver) void afterEnd(call, false, true, () => {});
    };
  });
}

/**
 * Ends the call and then runs `proceed`: at once when there is nothing to wait for, and
 * for streams, whose client cannot be made to wait.
 */
function afterEnd<T>(
  call: HandlerCall,
  threw: boolean,
  isStream: boolean,
  proceed: () => T,
): T | Promise<T> {
  const drained = call.end(threw, isStream);
  if (!drained) return proceed();
  // The handler's own error takes precedence over those of required tasks.
  return drained.then(proceed, threw ? proceed : undefined);
}
