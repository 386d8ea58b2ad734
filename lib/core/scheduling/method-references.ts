import type { Callable } from '../task/declared-task.js';
import type { RegisteredTask } from './registered-task.js';

/** An object whose method is a declared task: an instance of the provider, or a prototype. */
interface Holder {
  readonly object: object;
  readonly task: RegisteredTask;
  readonly isPrototype: boolean;
}

/**
 * Recognises references to declared methods, such as `this.mail.welcome`: functions that a
 * provider or its prototype had when it was registered, or has now. Tracing modules, spies
 * and overrides replace methods at any time.
 */
export class MethodReferences {
  readonly #known = new Map<Callable, RegisteredTask[]>();
  #holders: Holder[] = [];

  /**
   * Adds an instance that has the method of a task. `false` when references to it cannot be
   * recognised, because it returns another function each time.
   */
  addInstance(task: RegisteredTask, instance: object): boolean {
    try {
      const fn = read(instance, task);
      if (fn !== read(instance, task)) return false;
      // What the prototype has is read through the instance.
      this.#holders = this.#holders.filter(
        (holder) => holder.task !== task || !holder.isPrototype,
      );
      this.#add({ task, object: instance, isPrototype: false }, fn);
      return true;
    } catch {
      return false;
    }
  }

  /** Adds a prototype that has the method of a task. */
  addPrototype(task: RegisteredTask, prototype: object): void {
    // An accessor is meant for instances: some bind the method to whatever reads it first.
    if (isAccessor(prototype, task.method)) return;
    const fn = read(prototype, task);
    this.#add({ task, object: prototype, isPrototype: true }, fn);
  }

  /** The tasks whose method this function was when it was registered. */
  known(fn: Callable): readonly RegisteredTask[] | undefined {
    return this.#known.get(fn);
  }

  /** The tasks whose method this function is now. */
  current(fn: Callable): readonly RegisteredTask[] | undefined {
    let found: Set<RegisteredTask> | undefined;
    for (const { object, task } of this.#holders) {
      try {
        if (read(object, task) === fn) (found ??= new Set()).add(task);
      } catch {
        // A provider that throws when it is read has no method that could be passed.
      }
    }
    return found && [...found];
  }

  #add(holder: Holder, fn: unknown): void {
    const { task, object } = holder;
    const isKnown = this.#holders.some(
      (other) => other.task === task && other.object === object,
    );
    if (!isKnown) this.#holders.push(holder);
    if (typeof fn !== 'function') return;
    const tasks = this.#known.get(fn as Callable) ?? [];
    if (!tasks.includes(task)) {
      this.#known.set(fn as Callable, [...tasks, task]);
    }
  }
}

function isAccessor(prototype: object, method: string): boolean {
  for (
    let owner: object | null = prototype;
    owner;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, method);
    if (descriptor) return descriptor.get !== undefined;
  }
  return false;
}

function read(object: object, { method }: RegisteredTask): unknown {
  return (object as Record<string, unknown>)[method];
}
