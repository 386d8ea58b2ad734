import type { Class } from '../base/class.js';
import { describe, nameOfFunction, quoted } from '../base/describe.js';
import {
  TaskAlreadyDeclaredError,
  TaskNotDeclaredError,
} from '../base/errors.js';
import { DEFAULT_QUEUE } from '../running/durable-task.js';
import type { PhaseDefaults } from '../options/task-settings.js';
import type {
  Callable,
  DeclaredTask,
  DeclaredTaskScheduler,
} from '../task/declared-task.js';
import { contractOf, type TaskContract } from './task-contract.js';
import type { TaskInterceptors } from '../task/task-interceptor.js';
import type { Task, TaskErrorHandler } from '../task/task.js';
import type { RecurringTask } from './check-repeat.js';
import { ContractTask } from './contract-task.js';
import { MethodReferences } from './method-references.js';
import { RegisteredTask, type TaskDeclaration } from './registered-task.js';
import { classOfMethods, methodNames } from './scheduled-methods.js';

/** A method with `@OnTaskError()`. */
export interface ErrorHandlerDeclaration {
  /** The name of the tasks that it handles; `undefined` for all tasks. */
  readonly taskName: string | undefined;
  readonly handler: TaskErrorHandler;
}

/** How many names a message lists. */
const MOST_NAMES = 20;

type MethodsClass = new (scheduler: DeclaredTaskScheduler) => object;

/**
 * The declared tasks of an application: name ⇄ provider ⇄ method. Declarations of
 * modules that are loaded later are searched for when something is not found.
 */
export class TaskRegistry {
  readonly #defaults: PhaseDefaults;
  readonly #byName = new Map<string, RegisteredTask>();
  readonly #byType = new Map<object, Map<string, RegisteredTask>>();
  readonly #references = new MethodReferences();
  /** The tasks of contracts without a method here. */
  readonly #elsewhere = new Map<object, DeclaredTask>();
  readonly #methodsOf = new Map<object, MethodsClass>();
  readonly #errorHandlers: ErrorHandlerDeclaration[] = [];
  /** Why the declarations of a class that was loaded later are invalid. */
  readonly #refused = new Map<object, Error>();
  #discover: ((isMissing: boolean) => boolean) | undefined;

  constructor(defaults: PhaseDefaults) {
    this.#defaults = defaults;
  }

  /**
   * Sets the function that searches for further declarations: quickly when something
   * may be new, thoroughly when something is missing.
   */
  discoverWith(discover: (isMissing: boolean) => boolean): void {
    this.#discover = discover;
  }

  /** @throws TaskAlreadyDeclaredError when another method has declared the name */
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
    this.#references.addPrototype(task, type.prototype as object);
  }

  /** Adds the prototype of a class that replaces the one with the declaration. */
  addPrototype(type: Class<object>, method: string, prototype: object): void {
    const task = this.#byType.get(type)?.get(method);
    if (task) this.#references.addPrototype(task, prototype);
  }

  /** Adds an instance. `false` when references to its method cannot be recognised. */
  addInstance(type: Class<object>, method: string, instance: object): boolean {
    const task = this.#byType.get(type)?.get(method);
    return !task || this.#references.addInstance(task, instance);
  }

  /** Adds another class or token by which the tasks of `type` are found. */
  addAlias(alias: object, type: Class<object>): void {
    const tasks = this.#byType.get(type);
    if (tasks && !this.#byType.has(alias)) this.#byType.set(alias, tasks);
  }

  addErrorHandler(declaration: ErrorHandlerDeclaration): void {
    this.#errorHandlers.push(declaration);
  }

  /** @throws TaskNotDeclaredError for the handler of a task that is not declared */
  checkErrorHandlers(): void {
    for (const { taskName, handler } of this.#errorHandlers) {
      if (taskName === undefined || this.#byName.has(taskName)) continue;
      const known = [...this.#byName.keys()].slice(0, MOST_NAMES);
      throw new TaskNotDeclaredError(
        `@OnTaskError(${quoted(taskName)}) of ${handler.name}() names no declared task of this application. ` +
          `Known names: ${known.join(', ') || 'none'}. Correct the name, import the module of the task, or omit the name to handle every task.`,
      );
    }
  }

  /** Makes `of()` throw this error for the class. */
  refuse(type: object, error: Error): void {
    this.#refused.set(type, error);
  }

  /** The task of that name, such as that of a stored job. */
  get(name: string): DeclaredTask | undefined {
    return this.#byName.get(name) ?? this.#afterDiscovery(this.#byName, name);
  }

  durableTasks(): DeclaredTask[] {
    return [...this.#byName.values()].filter(
      ({ options }) => options.immediate.durable,
    );
  }

  /** The queues that declared tasks name, and the one of those that name none. */
  queues(): string[] {
    const named = [...this.#byName.values()].map(
      ({ options }) => options.immediate.queue ?? DEFAULT_QUEUE,
    );
    return [...new Set([DEFAULT_QUEUE, ...named])];
  }

  /** Those that run by themselves. */
  recurringTasks(): (RegisteredTask & RecurringTask)[] {
    return [...this.#byName.values()].filter(
      (task): task is RegisteredTask & RecurringTask =>
        task.recurrence !== undefined,
    );
  }

  /** The names of the tasks that have interceptors of their own, with these. */
  interceptors(): [string, TaskInterceptors][] {
    return [...this.#byName.values()].map(({ name, interceptors = [] }) => [
      name,
      interceptors,
    ]);
  }

  /**
   * The methods of a provider, each of which schedules its task.
   *
   * @throws TaskNotDeclaredError when the class has no declared task, or no provider
   */
  methodsOf(type: Class<object>, scheduler: DeclaredTaskScheduler): object {
    let Methods = this.#methodsOf.get(type);
    if (!Methods) {
      Methods = this.#createMethods(type);
      this.#methodsOf.set(type, Methods);
    }
    return new Methods(scheduler);
  }

  /**
   * The task whose method this function is.
   *
   * @throws TaskNotDeclaredError when several providers have the method
   */
  find(fn: Callable): DeclaredTask | undefined {
    const references = this.#references;
    let tasks = references.known(fn);
    if (!tasks) {
      const contract = contractOf(fn);
      if (contract) return this.#ofContract(contract);
      if (this.#discover?.(false)) tasks = references.known(fn);
      tasks ??= references.current(fn);
    }
    if (!tasks || tasks.length === 1) return tasks?.[0];
    const names = tasks.map(({ type }) => type.name);
    throw new TaskNotDeclaredError(
      `The method ${quoted(nameOfFunction(fn))} is inherited by several providers (${names.join(', ')}), so it is ambiguous. ` +
        `Use of(): tasks.of(${names[0]}).${tasks[0]?.method}(…).`,
    );
  }

  /** The methods with `@OnTaskError()` that handle the failure of a task. */
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

  /** The declared task of a contract, or one whose method other processes have. */
  #ofContract(contract: TaskContract<Callable>): DeclaredTask {
    const { taskName } = contract;
    const here = this.#byName.get(taskName);
    if (here) return here;
    let elsewhere = this.#elsewhere.get(contract);
    if (!elsewhere) {
      const found = this.get(taskName);
      if (found) return found;
      elsewhere = new ContractTask(contract, this.#defaults);
      this.#elsewhere.set(contract, elsewhere);
    }
    return elsewhere;
  }

  #createMethods(type: Class<object>): MethodsClass {
    if (typeof type !== 'function') {
      throw new TaskNotDeclaredError(
        `of() takes the class of a provider, got ${describe(type)}. Write tasks.of(MailTasks).welcome(…).`,
      );
    }
    const tasks =
      this.#byType.get(type) ?? this.#afterDiscovery(this.#byType, type);
    if (!tasks) {
      const refused = this.#refused.get(type);
      if (refused) throw refused;
      throw new TaskNotDeclaredError(
        `${type.name} has no declared task in this application. Put @Task() on one of its methods, and add it to the ` +
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
