import type { ModuleRef, ModulesContainer } from '@nestjs/core';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type { ScheduledTask } from '../../core/running/scheduled-task.js';
import { Deferred } from '../../core/running/task-extras.js';
import { TaskRoute } from '../../core/scope/task-route.js';
import type { InjectionScope } from '../../core/task/declared-task.js';
import {
  isInterceptorClass,
  type TaskInterceptor,
  type TaskInterceptorClass,
  type TaskInterceptors,
} from '../../core/task/task-interceptor.js';
import { InjectionContext } from '../scopes/injection-context.js';
import { NestTaskProvider } from './nest-task-provider.js';

/**
 * Finds the instances of interceptors that are given as classes: the provider of that
 * class in any module, resolved for the unit of work of the task, or, without a provider,
 * one instance that is created with its dependencies injected.
 */
export class InterceptorResolver {
  readonly #modules: ModulesContainer;
  readonly #moduleRef: ModuleRef;
  readonly #bootstrapped = new Deferred<void>();
  readonly #providers = new Map<TaskInterceptorClass, NestTaskProvider>();
  readonly #created = new Map<TaskInterceptorClass, Promise<object>>();
  /** Those of tasks that are a unit of work each. */
  readonly #scopes = new WeakMap<ScheduledTask, InjectionScope>();

  constructor(modules: ModulesContainer, moduleRef: ModuleRef) {
    this.#modules = modules;
    this.#moduleRef = moduleRef;
  }

  resolve(
    type: TaskInterceptorClass,
    task: ScheduledTask,
  ): TaskInterceptor | Promise<TaskInterceptor> {
    const provider = this.#providerOf(type);
    const found = provider?.isScoped
      ? provider.instance(this.#scopeOf(task))
      : (provider?.instance() ?? this.#create(type));
    return found as TaskInterceptor | Promise<TaskInterceptor>;
  }

  /** All providers are instantiated. */
  bootstrapped(): void {
    this.#bootstrapped.resolve();
  }

  /**
   * @param option names the option in the error
   * @throws (rejects with) TaskInvalidOptionError when one of the classes cannot be instantiated
   */
  async check(
    interceptors: TaskInterceptors | undefined,
    option: string,
  ): Promise<void> {
    for (const interceptor of interceptors ?? []) {
      if (!isInterceptorClass(interceptor)) continue;
      try {
        // A provider has been instantiated, or will be for each unit of work.
        if (!this.#providerOf(interceptor)) await this.#create(interceptor);
      } catch (cause) {
        throw new TaskInvalidOptionError(
          `The interceptor ${interceptor.name} in ${option} cannot be instantiated. ` +
            'Add it to the providers of a module that can resolve its dependencies.',
          { cause },
        );
      }
    }
  }

  #providerOf(type: TaskInterceptorClass): NestTaskProvider | undefined {
    const known = this.#providers.get(type);
    if (known) return known;
    for (const module of this.#modules.values()) {
      const wrapper = module.providers.get(type);
      if (!wrapper) continue;
      const { promise } = this.#bootstrapped;
      const provider = new NestTaskProvider(type, wrapper, module, promise);
      this.#providers.set(type, provider);
      return provider;
    }
    return undefined;
  }

  #create(type: TaskInterceptorClass): Promise<object> {
    let instance = this.#created.get(type);
    if (!instance) {
      instance = this.#bootstrapped.promise.then(() =>
        this.#moduleRef.create(type),
      );
      this.#created.set(type, instance);
    }
    return instance;
  }

  #scopeOf(task: ScheduledTask): InjectionScope {
    const { home } = task;
    if (home instanceof TaskRoute && home.injection) return home.injection;
    let scope = this.#scopes.get(task);
    if (!scope) {
      const context = new InjectionContext();
      scope = { context: () => context };
      this.#scopes.set(task, scope);
    }
    return scope;
  }
}
