import type { Class } from '../core/class.js';
import type {
  ArgumentSchema,
  Callable,
  DeclaredTask,
  DeclaredTaskOptions,
  DeclaredTasks,
  DeclaredTaskScheduler,
  InjectionUnit,
} from '../core/declared-task.js';
import {
  TaskAlreadyDeclaredError,
  TaskNotDeclaredError,
} from '../core/errors.js';
import { classOfMethods, methodNames } from '../core/scheduled-methods.js';
import {
  mergeTaskOptions,
  type TaskErrorHandler,
} from '../core/task-options.js';
import type { PhaseDefaults } from '../core/task-scheduler.js';
import type { Task } from '../core/task.js';

/** A provider of the application that has declared tasks. */
export interface TaskProvider {
  /** The class that its tasks are declared in, or inherited by. */
  readonly type: Class<object>;
  /** Whether each unit of work, or each task, has an instance of its own. */
  readonly isScoped: boolean;
  /** The instance; a scoped one is resolved for a unit of work. */
  instance(unit?: InjectionUnit): object | Promise<object>;
}

/** What `@Task()` says of a method. */
export interface TaskDeclaration {
  readonly provider: TaskProvider;
  readonly method: string;
  readonly name: string;
  readonly options: DeclaredTaskOptions;
}

/** What `@OnTaskError()` says of a method. */
export interface ErrorHandlerDeclaration {
  /** Of the tasks it is told of; of all, if there is none. */
  readonly taskName: string | undefined;
  readonly handler: TaskErrorHandler;
}

type MethodsClass = new (scheduler: DeclaredTaskScheduler) => object;

/**
 * The declared tasks of an application: name ⇄ provider ⇄ method. What is declared
 * in modules that are loaded later is looked for when something is not found.
 */
export class TaskRegistry implements DeclaredTasks {
  readonly #defaults: PhaseDefaults;
  readonly #byName = new Map<string, RegisteredTask>();
  readonly #byType = new Map<object, Map<string, RegisteredTask>>();
  readonly #byFunction = new Map<Callable, RegisteredTask[]>();
  readonly #methodsOf = new Map<object, MethodsClass>();
  readonly #errorHandlers: ErrorHandlerDeclaration[] = [];
  /** Why declarations of modules that were loaded later cannot be used, by their class. */
  readonly #refused = new Map<object, Error>();
  #discover: ((isMissing: boolean) => void) | undefined;

  constructor(defaults: PhaseDefaults) {
    this.#defaults = defaults;
  }

  /**
   * Sets what looks for further declarations: whenever anything may be new, and
   * thoroughly when something is missing.
   */
  discoverWith(discover: (isMissing: boolean) => void): void {
    this.#discover = discover;
  }

  /** @throws TaskAlreadyDeclaredError when another method has the name */
  add(declaration: TaskDeclaration): void {
    const { provider, method, name } = declaration;
    const { type } = provider;
    const known = this.#byName.get(name);
    if (known && (known.type !== type || known.method !== method)) {
      throw new TaskAlreadyDeclaredError(
        name,
        `${known.type.name}.${known.method}()`,
        `${type.name}.${method}()`,
      );
    }
    if (known) return;
    const task = new RegisteredTask(declaration, this.#defaults);
    this.#byName.set(name, task);
    const ofType = this.#byType.get(type) ?? new Map<string, RegisteredTask>();
    this.#byType.set(type, ofType.set(method, task));
    const fn = (type.prototype as Record<string, unknown>)[method];
    this.addFunction(type, method, fn);
  }

  /** Another function that stands for a method, as a decorator of its instance may put there. */
  addFunction(type: Class<object>, method: string, fn: unknown): void {
    const task = this.#byType.get(type)?.get(method);
    if (!task || typeof fn !== 'function') return;
    const tasks = this.#byFunction.get(fn as Callable);
    if (!tasks) this.#byFunction.set(fn as Callable, [task]);
    else if (!tasks.includes(task)) tasks.push(task);
  }

  /** Another class, or token, by which the tasks of `type` are asked for. */
  addAlias(alias: object, type: Class<object>): void {
    const tasks = this.#byType.get(type);
    if (tasks && !this.#byType.has(alias)) this.#byType.set(alias, tasks);
  }

  addErrorHandler(declaration: ErrorHandlerDeclaration): void {
    this.#errorHandlers.push(declaration);
  }

  /** Keeps why the declarations of a class cannot be used, for who asks for them. */
  refuse(type: object, error: Error): void {
    this.#refused.set(type, error);
  }

  /** The task of a name, for what has stored no more than that. */
  get(name: string): DeclaredTask | undefined {
    return this.#byName.get(name) ?? this.#afterDiscovery(this.#byName, name);
  }

  /** The names of the tasks that an engine is to store. */
  durableNames(): string[] {
    return [...this.#byName.values()]
      .filter(({ options }) => options.immediate.durable)
      .map(({ name }) => name);
  }

  methodsOf(type: Class<object>, scheduler: DeclaredTaskScheduler): object {
    let Methods = this.#methodsOf.get(type);
    if (!Methods) {
      Methods = this.#createMethods(type);
      this.#methodsOf.set(type, Methods);
    }
    return new Methods(scheduler);
  }

  find(fn: Callable): DeclaredTask | undefined {
    let tasks = this.#byFunction.get(fn);
    if (!tasks) {
      this.#discover?.(false);
      tasks = this.#byFunction.get(fn);
    }
    if (!tasks || tasks.length === 1) return tasks?.[0];
    const names = tasks.map(({ type }) => type.name);
    throw new TaskNotDeclaredError(
      `The method "${fn.name}" is inherited by several providers (${names.join(', ')}), so it does not say which one is meant. ` +
        `Use of(): tasks.of(${names[0]}).${tasks[0]?.method}(…).`,
    );
  }

  errorHandlersOf(
    task: Task,
    declared: DeclaredTask | undefined,
  ): readonly TaskErrorHandler[] {
    this.#discover?.(false);
    return this.#errorHandlers
      .filter(
        ({ taskName }) =>
          taskName === undefined ||
          taskName === task.name ||
          taskName === declared?.name,
      )
      .map(({ handler }) => handler);
  }

  #createMethods(type: Class<object>): MethodsClass {
    if (typeof type !== 'function') {
      throw new TaskNotDeclaredError(
        `of() takes the class of a provider, but it is ${String(type)}. Write tasks.of(MailTasks).welcome(…).`,
      );
    }
    const tasks =
      this.#byType.get(type) ?? this.#afterDiscovery(this.#byType, type);
    if (!tasks) {
      const refused = this.#refused.get(type);
      if (refused) throw refused;
      throw new TaskNotDeclaredError(
        `${type.name} has no declared task in this application. Put @Task() on a method of it, and add it to the ` +
          'providers of a module that the application imports.',
      );
    }
    return classOfMethods(type.name, methodNames(type), tasks);
  }

  #afterDiscovery<K, V>(map: ReadonlyMap<K, V>, key: K): V | undefined {
    this.#discover?.(true);
    return map.get(key);
  }
}

class RegisteredTask implements DeclaredTask {
  readonly name: string;
  readonly options: PhaseDefaults;
  readonly schema: ArgumentSchema | undefined;
  readonly method: string;
  readonly #provider: TaskProvider;
  readonly #fn: Callable;

  constructor(
    { provider, method, name, options }: TaskDeclaration,
    defaults: PhaseDefaults,
  ) {
    this.name = name;
    this.method = method;
    this.#provider = provider;
    // Only a route can fail with a task: elsewhere the declaration means nothing.
    const { schema, ...everywhere } = options;
    const { required: _required, ...elsewhere } = everywhere;
    this.schema = schema;
    this.options = {
      immediate: mergeTaskOptions(defaults.immediate, elsewhere, { name }),
      afterRoute: mergeTaskOptions(defaults.afterRoute, everywhere, { name }),
      afterResponse: mergeTaskOptions(defaults.afterResponse, elsewhere, {
        name,
      }),
    };
    this.#fn = (...args) => this.#call(provider.instance(), args);
  }

  get type(): Class<object> {
    return this.#provider.type;
  }

  functionFor(unit: InjectionUnit): Callable {
    if (!this.#provider.isScoped) return this.#fn;
    // One instance for all attempts of a task, also where each resolution makes another.
    let instance: object | undefined;
    return async (...args) => {
      instance ??= await this.#provider.instance(unit);
      return this.#invoke(instance, args);
    };
  }

  #call(instance: object | Promise<object>, args: unknown[]): unknown {
    return instance instanceof Promise
      ? instance.then((resolved) => this.#invoke(resolved, args))
      : this.#invoke(instance, args);
  }

  #invoke(instance: object, args: unknown[]): unknown {
    const method = (instance as Record<string, unknown>)[this.method];
    if (typeof method !== 'function') {
      throw new TaskNotDeclaredError(
        `The provider of task "${this.name}" has no method ${this.method}(). What stands in for ${this.type.name} must have it.`,
      );
    }
    return Reflect.apply(method, instance, args);
  }
}
