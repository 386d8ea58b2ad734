import type { DeclaredTask, DeclaredTaskScheduler } from './declared-task.js';
import { TaskNotDeclaredError } from './errors.js';
import type { Settled } from './settled.js';
import type { Task } from './task.js';

/**
 * The methods of a provider, each with its own parameters, scheduling a task instead
 * of being called. Only methods that are declared with `@Task()` can be scheduled.
 *
 * @publicApi
 */
export type ScheduledMethods<T> = {
  readonly [
    K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never
  ]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Task<A, Settled<R>>
    : never;
};

class Methods {
  readonly #scheduler: DeclaredTaskScheduler;

  constructor(scheduler: DeclaredTaskScheduler) {
    this.#scheduler = scheduler;
  }

  static schedulerOf(methods: Methods): DeclaredTaskScheduler {
    return methods.#scheduler;
  }
}

/** The names of the methods of a class, inherited ones included. */
export function methodNames(type: { readonly prototype: object }): Set<string> {
  const names = new Set<string>();
  for (
    let owner: object | null = type.prototype;
    owner && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value }] of Object.entries(
      Object.getOwnPropertyDescriptors(owner),
    )) {
      if (name !== 'constructor' && typeof value === 'function') {
        names.add(name);
      }
    }
  }
  return names;
}

/**
 * Makes a class of objects with these methods. They are getters, so that an object
 * costs next to nothing, and a method works without it.
 */
export function classOfMethods(
  className: string,
  names: Iterable<string>,
  declared: ReadonlyMap<string, DeclaredTask>,
): new (scheduler: DeclaredTaskScheduler) => object {
  class DeclaredMethods extends Methods {}
  for (const name of names) {
    const task = declared.get(name);
    Object.defineProperty(DeclaredMethods.prototype, name, {
      configurable: true,
      get(this: Methods) {
        if (!task) {
          throw new TaskNotDeclaredError(
            `${className}.${name}() is no declared task. Put @Task() on the method, or schedule a function: ` +
              `schedule(() => provider.${name}(…)).`,
          );
        }
        const scheduler = Methods.schedulerOf(this);
        return (...args: unknown[]) => scheduler.scheduleDeclared(task, args);
      },
    });
  }
  return DeclaredMethods;
}
