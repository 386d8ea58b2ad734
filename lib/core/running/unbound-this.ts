import { quoted } from '../base/describe.js';
import { TaskNotDeclaredError } from '../base/errors.js';
import type { Callable } from '../task/declared-task.js';
import { callingTask } from '../task/task-context.js';

/**
 * The `this` of a method that was passed to `schedule()` without its object: any use of
 * it throws an error that explains the mistake.
 */
const unbound: object = new Proxy(Object.freeze({}), {
  get: (_target, key) => refuse(key),
  set: (_target, key) => refuse(key),
  has: (_target, key) => refuse(key),
  deleteProperty: (_target, key) => refuse(key),
});

/** What a function returns that is called without an object. */
export function callOf(fn: Callable, args: readonly unknown[]): unknown {
  // It is called with what `schedule()` has checked.
  return Reflect.apply(fn, thisOf(fn), args as never[]);
}

/** The `this` to call a function with: `undefined` unless it is a method. */
export function thisOf(fn: object): object | undefined {
  const kind = (fn as { readonly [Symbol.toStringTag]?: unknown })[
    Symbol.toStringTag
  ];
  // Methods that are async or generators can be recognised by their source only.
  if (kind !== undefined) return isFunctionSource(fn) ? undefined : unbound;
  // Of others, methods are no constructors, and arrow functions have no `this` of their own.
  return Object.hasOwn(fn, 'prototype') ? undefined : unbound;
}

function isFunctionSource(fn: object): boolean {
  return /^(async\s+)?function\b/.test(Function.prototype.toString.call(fn));
}

function refuse(key: string | symbol): never {
  throw new TaskNotDeclaredError(
    `Task ${quoted(callingTask()?.name ?? 'anonymous')} uses \`this.${String(key)}\`, but it is a method that was passed without its object. ` +
      'Declare it with @Task() on a provider of the application, or schedule a function that calls it: ' +
      'schedule(() => service.method(…)).',
  );
}
