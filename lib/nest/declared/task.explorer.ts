import type { ModulesContainer } from '@nestjs/core';
import type { LogLines } from '../../core/app/log-lines.js';
import { isClass, type Class } from '../../core/base/class.js';
import { TaskNotDeclaredError } from '../../core/base/errors.js';
import { methodNames } from '../../core/scheduling/scheduled-methods.js';
import type { Task } from '../../core/task/task.js';
import type { TaskRegistry } from '../../core/scheduling/task-registry.js';
import { declaringClass, hasTasks } from './declaring-class.js';
import {
  hasInstance,
  isScoped,
  madeInstance,
  NestTaskProvider,
  type Module,
  type Wrapper,
} from './nest-task-provider.js';
import { handledTaskNames } from './on-task-error.decorator.js';
import { declaredName } from './task-name.js';
import { taskMetadata } from './task.decorator.js';

/**
 * Finds the methods with `@Task()` and `@OnTaskError()` in the providers of an
 * application and registers them: at bootstrap, and for modules that are loaded lazily
 * when the registry is asked.
 */
export class TaskExplorer {
  readonly #modules: ModulesContainer;
  readonly #registry: TaskRegistry;
  readonly #lines: LogLines;
  readonly #bootstrapped: Promise<void>;
  #hasBootstrapped!: () => void;
  #isBootstrapped = false;
  #decoratesInstances = false;
  /** The number of modules when the providers of all of them had been explored. */
  #knownModules = 0;
  readonly #explored = new Set<Wrapper>();
  readonly #withErrorHandlers = new Set<Class<object>>();
  /** Classes whose instances return another function at each access to a declared method. */
  readonly #unrecognised = new Set<Class<object>>();

  constructor(
    modules: ModulesContainer,
    registry: TaskRegistry,
    lines: LogLines,
  ) {
    this.#modules = modules;
    this.#registry = registry;
    this.#lines = lines;
    this.#bootstrapped = new Promise(
      (resolve) => (this.#hasBootstrapped = resolve),
    );
    registry.discoverWith((isMissing) => this.#discover(isMissing));
  }

  /**
   * Runs before anything is instantiated, when only the classes of providers are known.
   *
   * @throws TaskAlreadyDeclaredError for two methods with one name
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
   * Runs when everything is instantiated, so that the products of factories are known, and
   * the functions that replace methods on an instance.
   *
   * @param decoratesInstances whether the application puts something of its own in the
   * place of each instance
   * @throws TaskAlreadyDeclaredError for two methods with one name
   * @throws TaskNotDeclaredError for an error handler of a task that is not declared
   */
  bootstrapped(decoratesInstances: boolean): void {
    this.#isBootstrapped = true;
    this.#decoratesInstances = decoratesInstances;
    this.#exploreProviders();
    this.#registry.checkErrorHandlers();
    this.#warnOfUnrecognised();
    this.#knownModules = this.#modules.size;
    this.#hasBootstrapped();
  }

  /**
   * Explores modules loaded since; a clash of names is thrown when the class is asked for.
   *
   * @returns whether there was anything to explore
   */
  #discover(isMissing: boolean): boolean {
    if (!this.#isBootstrapped) return false;
    if (!isMissing && this.#modules.size === this.#knownModules) return false;
    if (
      this.#exploreProviders((type, error) =>
        this.#registry.refuse(type, error),
      )
    ) {
      this.#knownModules = this.#modules.size;
    }
    this.#warnOfUnrecognised();
    return true;
  }

  /** @returns whether all providers are instantiated, so that exploring again finds nothing */
  #exploreProviders(
    onClash?: (type: Class<object>, error: Error) => void,
  ): boolean {
    let isComplete = true;
    for (const module of this.#modules.values()) {
      for (const wrapper of module.providers.values()) {
        if (this.#explored.has(wrapper)) continue;
        const type = declaringClass(wrapper);
        const isMade = isScoped(wrapper) || hasInstance(wrapper);
        isComplete &&= isMade;
        // Otherwise it is explored again later, when its instance may reveal more.
        if (isMade && this.#isBootstrapped) this.#explored.add(wrapper);
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

  #warnOfUnrecognised(): void {
    if (this.#unrecognised.size === 0) return;
    this.#lines.referencesUnrecognised([...this.#unrecognised]);
    this.#unrecognised.clear();
  }

  #register(type: Class<object>, wrapper: Wrapper, module: Module): void {
    const provider = new NestTaskProvider(
      type,
      wrapper,
      module,
      this.#bootstrapped,
    );
    for (const method of methodNames(type)) {
      const metadata = taskMetadata(type.prototype as object, method);
      if (!metadata) continue;
      const name = declaredName(type, method, metadata);
      const { options } = metadata;
      this.#registry.add({ provider, method, name, options });
      if (!this.#addReferences(type, method, wrapper)) {
        this.#unrecognised.add(type);
      }
    }
    if (isClass(wrapper.token)) this.#registry.addAlias(wrapper.token, type);
    this.#addErrorHandlers(type, provider);
  }

  /** `false` when references to a declared method cannot be recognised. */
  #addReferences(
    type: Class<object>,
    method: string,
    wrapper: Wrapper,
  ): boolean {
    if (isScoped(wrapper)) {
      const { metatype, isFactory } = wrapper;
      if (!isFactory && isClass(metatype)) {
        const prototype = metatype.prototype as object;
        this.#registry.addPrototype(type, method, prototype);
      }
      return !this.#decoratesInstances;
    }
    const instance = madeInstance(wrapper);
    return !instance || this.#registry.addInstance(type, method, instance);
  }

  #addErrorHandlers(type: Class<object>, provider: NestTaskProvider): void {
    if (this.#withErrorHandlers.has(type)) return;
    this.#withErrorHandlers.add(type);
    for (const method of methodNames(type)) {
      for (const taskName of handledTaskNames(
        type.prototype as object,
        method,
      )) {
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
  if (!isClass(metatype) || !hasTasks(metatype)) return;
  const method = [...methodNames(metatype)].find((name) =>
    taskMetadata(metatype.prototype as object, name),
  );
  if (!method) return;
  throw new TaskNotDeclaredError(
    `${metatype.name}.${method}() cannot be a declared task, because ${metatype.name} is a controller. ` +
      'Move the method to a provider, and inject that provider.',
  );
}
