import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { TasksInterceptor } from './tasks.interceptor.js';
import { TasksPipe } from './tasks.pipe.js';

const INTERCEPTORS_METADATA = '__interceptors__';
const PARAMS_METADATA = '__routeArguments__';
const PATH_METADATA = 'path';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;
type Handler = (...args: never[]) => unknown;

/**
 * Binds the interceptor to the handlers that use tasks, and to no other. It goes
 * after all that were bound by decorators, which makes it the innermost.
 *
 * The metadata that Nest reads belongs to classes, which applications may share;
 * the interceptor that it leads to is that of the application.
 */
export class InterceptorBinding {
  readonly #modules: ModulesContainer;
  readonly #interceptor: TasksInterceptor;
  readonly #scanner = new MetadataScanner();

  constructor(modules: ModulesContainer, interceptor: TasksInterceptor) {
    this.#modules = modules;
    this.#interceptor = interceptor;
  }

  /** Handlers with `@Tasks()`. To be called before routes are registered. */
  bindDecorated(): void {
    for (const module of this.#modules.values()) {
      const hosts = [...module.controllers, ...module.providers];
      for (const [, { metatype }] of hosts) {
        this.#bindWhere(module, metatype, usesTasksDecorator);
      }
    }
  }

  /**
   * Handlers of request-scoped controllers, which may get at a `TasksService`. Which
   * ones are is known once all is instantiated; their enhancers are looked up per request.
   */
  bindRequestScoped(): void {
    for (const module of this.#modules.values()) {
      for (const controller of module.controllers.values()) {
        if (controller.isDependencyTreeStatic()) continue;
        this.#bindWhere(module, controller.metatype, (_type, _key, handler) =>
          Reflect.hasMetadata(PATH_METADATA, handler),
        );
      }
    }
  }

  #bindWhere(
    module: Module,
    type: unknown,
    usesTasks: (type: Type, key: string, handler: Handler) => boolean,
  ): void {
    if (!isClass(type)) return;
    for (const key of this.#scanner.getAllMethodNames(type.prototype)) {
      const handler = type.prototype[key] as Handler;
      if (usesTasks(type, key, handler)) this.#bind(module, handler);
    }
  }

  #bind(module: Module, handler: Handler): void {
    const bound = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ??
      []) as unknown[];
    if (!bound.includes(TasksInterceptor)) {
      Reflect.defineMetadata(
        INTERCEPTORS_METADATA,
        [...bound, TasksInterceptor],
        handler,
      );
    }
    if (!module.injectables.has(TasksInterceptor)) {
      module.addInjectable(
        { provide: TasksInterceptor, useValue: this.#interceptor },
        'interceptor',
      );
    }
  }
}

function usesTasksDecorator(type: Type, key: string): boolean {
  const params = Reflect.getMetadata(PARAMS_METADATA, type, key) as
    Record<string, { pipes?: unknown[] }> | undefined;
  return Object.values(params ?? {}).some((param) =>
    param.pipes?.includes(TasksPipe),
  );
}

function isClass(type: unknown): type is Type & {
  prototype: Record<string, unknown>;
} {
  return typeof type === 'function' && typeof type.prototype === 'object';
}
