import type { ModulesContainer } from '@nestjs/core';
import type { Class } from '../core/class.js';
import { TaskNotDeclaredError } from '../core/errors.js';
import { methodNames } from '../core/scheduled-methods.js';
import type { Task } from '../core/task.js';
import type { TaskRegistry } from '../engine/task-registry.js';
import {
  madeInstance,
  NestTaskProvider,
  type Wrapper,
} from './nest-task-provider.js';
import { heardTaskNames } from './on-task-error.decorator.js';
import { taskMetadata } from './task.decorator.js';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;

/**
 * Finds the methods with `@Task()` and `@OnTaskError()` in the providers of an
 * application, and registers them: when it starts, and what is loaded lazily when
 * something is looked for.
 */
export class TaskExplorer {
  readonly #modules: ModulesContainer;
  readonly #registry: TaskRegistry;
  readonly #bootstrapped: Promise<void>;
  #hasBootstrapped!: () => void;
  #isBootstrapped = false;
  /** How many modules there were when all that was in them was known. */
  #knownModules = 0;
  readonly #explored = new Set<Wrapper>();
  readonly #withErrorHandlers = new Set<Class<object>>();

  constructor(modules: ModulesContainer, registry: TaskRegistry) {
    this.#modules = modules;
    this.#registry = registry;
    this.#bootstrapped = new Promise(
      (resolve) => (this.#hasBootstrapped = resolve),
    );
    registry.discoverWith((isMissing) => this.#discover(isMissing));
  }

  /**
   * Before anything is instantiated: classes are known by their providers.
   *
   * @throws TaskAlreadyDeclaredError for two methods of one name
   * @throws TaskNotDeclaredError for a controller with `@Task()`
   */
  explore(): void {
    for (const module of this.#modules.values()) {
      for (const controller of module.controllers.values()) {
        refuseController(controller);
      }
    }
    this.#exploreProviders();
  }

  /**
   * When all is instantiated: what factories made is known, and what has been put in
   * the place of a method.
   *
   * @throws TaskAlreadyDeclaredError for two methods of one name
   */
  bootstrapped(): void {
    this.#exploreProviders();
    this.#isBootstrapped = true;
    this.#knownModules = this.#modules.size;
    this.#hasBootstrapped();
  }

  /** Looks for what has been loaded since; a clash of names is kept for who asks for the class. */
  #discover(isMissing: boolean): void {
    if (!this.#isBootstrapped) return;
    if (!isMissing && this.#modules.size === this.#knownModules) return;
    if (
      this.#exploreProviders((type, error) =>
        this.#registry.refuse(type, error),
      )
    ) {
      this.#knownModules = this.#modules.size;
    }
  }

  /** Says whether all providers have been made, so that nothing more can be learnt. */
  #exploreProviders(
    onClash?: (type: Class<object>, error: Error) => void,
  ): boolean {
    let isComplete = true;
    for (const module of this.#modules.values()) {
      for (const wrapper of module.providers.values()) {
        if (this.#explored.has(wrapper)) continue;
        const type = declaringClass(wrapper);
        const isMade = isScoped(wrapper) || madeInstance(wrapper) !== undefined;
        isComplete &&= isMade;
        // Looked at again once it is made, when its instance may say more.
        if (isMade) this.#explored.add(wrapper);
        if (!type) continue;
        try {
          this.#register(type, wrapper, module);
        } catch (error) {
          if (!onClash) throw error;
          onClash(type, error as Error);
        }
      }
    }
    return isComplete;
  }

  #register(type: Class<object>, wrapper: Wrapper, module: Module): void {
    const provider = new NestTaskProvider(
      type,
      wrapper,
      module,
      this.#bootstrapped,
    );
    const instance = isScoped(wrapper) ? undefined : madeInstance(wrapper);
    for (const method of methodNames(type)) {
      const metadata = taskMetadata(type.prototype as object, method);
      if (!metadata) continue;
      const { name = `${type.name}.${method}`, options } = metadata;
      this.#registry.add({ provider, method, name, options });
      if (instance && Object.hasOwn(instance, method)) {
        const own = (instance as Record<string, unknown>)[method];
        this.#registry.addFunction(type, method, own);
      }
    }
    if (isClass(wrapper.token)) this.#registry.addAlias(wrapper.token, type);
    this.#addErrorHandlers(type, provider);
  }

  #addErrorHandlers(type: Class<object>, provider: NestTaskProvider): void {
    if (this.#withErrorHandlers.has(type)) return;
    this.#withErrorHandlers.add(type);
    for (const method of methodNames(type)) {
      for (const taskName of heardTaskNames(type.prototype as object, method)) {
        const handler = async (task: Task, error: Error): Promise<unknown> => {
          const instance = await provider.instance();
          return (
            instance as Record<string, (task: Task, error: Error) => unknown>
          )[method]?.(task, error);
        };
        Object.defineProperty(handler, 'name', {
          value: `${type.name}.${method}`,
        });
        this.#registry.addErrorHandler({ taskName, handler });
      }
    }
  }
}

function refuseController({ metatype }: Pick<Wrapper, 'metatype'>): void {
  if (!isClass(metatype)) return;
  const method = [...methodNames(metatype)].find((name) =>
    taskMetadata(metatype.prototype as object, name),
  );
  if (!method) return;
  throw new TaskNotDeclaredError(
    `${metatype.name}.${method}() cannot be a declared task: ${metatype.name} is a controller, and no provider. ` +
      'Move the method to a provider, and inject that.',
  );
}

/** The class that says what is declared: that of the provider, of its token, or of its instance. */
function declaringClass(wrapper: Wrapper): Class<object> | undefined {
  if (wrapper.isAlias) {
    // Another name of a provider that is explored by itself; only its class counts.
    const made = madeInstance(wrapper);
    return made && classWithTasks(made.constructor);
  }
  return (
    classWithTasks(wrapper.isFactory ? undefined : wrapper.metatype) ??
    classWithTasks(wrapper.token) ??
    classWithTasks(
      isScoped(wrapper) ? undefined : madeInstance(wrapper)?.constructor,
    )
  );
}

function classWithTasks(type: unknown): Class<object> | undefined {
  if (!isClass(type)) return undefined;
  const prototype = type.prototype as object;
  const isDeclared = [...methodNames(type)].some(
    (method) =>
      taskMetadata(prototype, method) ??
      heardTaskNames(prototype, method).length > 0,
  );
  return isDeclared ? type : undefined;
}

function isScoped(wrapper: Wrapper): boolean {
  return wrapper.isTransient || !wrapper.isDependencyTreeStatic();
}

function isClass(type: unknown): type is Class<object> {
  return (
    typeof type === 'function' &&
    typeof type.prototype === 'object' &&
    type.prototype !== null
  );
}
