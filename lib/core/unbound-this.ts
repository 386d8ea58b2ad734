import { TaskNotDeclaredError } from './errors.js';
import { callingTask } from './task-context.js';

/**
 * Stands for the object of a method that was passed to `schedule()` without it:
 * whatever the method does with `this` fails, and says why.
 */
const unbound: object = new Proxy(Object.freeze({}), {
  get: (_target, key) => touched(key),
  set: (_target, key) => touched(key),
  has: (_target, key) => touched(key),
  deleteProperty: (_target, key) => touched(key),
});

/** What to call a function with as its `this`. */
export function thisOf(fn: object): object | undefined {
  // Only what can be no constructor, such as a method: other functions may look for a `this`.
  return Object.hasOwn(fn, 'prototype') ? undefined : unbound;
}

function touched(key: string | symbol): never {
  throw new TaskNotDeclaredError(
    `Task "${callingTask()?.name}" uses \`this.${String(key)}\`, but it is a method that was passed without its object. ` +
      'Declare it with @Task() on a provider of the application, or schedule a function that calls it: ' +
      'schedule(() => service.method(…)).',
  );
}
