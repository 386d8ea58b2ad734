import { TaskNotDeclaredError } from '../base/errors.js';
import type { Settled } from '../base/settled.js';
import type {
  DeclaredTask,
  DeclaredTaskScheduler,
} from '../task/declared-task.js';
import type { Task } from '../task/task.js';

/**
 * The methods of a provider, each with its own parameters. A call schedules a task
 * instead of running the method. Only methods with `@Task()` can be scheduled.
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

/**
 * The names of the methods of a class, inherited ones included. An accessor counts as one,
 * because that is what some decorators make of a method.
 */
export function methodNames(type: { readonly prototype: object }): Set<string> {
  const names = new Set<string>();
  for (
    let owner: object | null = type.prototype;
    owner && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value, get }] of Object.entries(
      Object.getOwnPropertyDescriptors(owner),
    )) {
      if (name !== 'constructor' && typeof (get ?? value) === 'function') {
        names.add(name);
      }
    }
  }
  return names;
}

/**
 * Creates a class with these methods. They are getters on its prototype, so that an
 * instance costs next to nothing and its methods work unbound.
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
            `${className}.${name}() is not a declared task. Put @Task() on the method, or schedule a function: ` +
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
