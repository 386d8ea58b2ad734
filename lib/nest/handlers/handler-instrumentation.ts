import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { isClass } from '../../core/base/class.js';
import { isHandler, isRouteOnly, type Handler } from './handler-metadata.js';
import type { ScopeFinder } from '../scopes/scope-finder.js';
import {
  addTasksParameter,
  returnPipe,
  setScopesOf,
  takePipe,
  tasksParameters,
} from './pipeless-routes.js';
import { TasksPipe } from './tasks.pipe.js';
import { TasksInterceptor } from './tasks.interceptor.js';
import { wrapHandler, type HandlerClass } from './wrap-handler.js';

const INTERCEPTORS_METADATA = '__interceptors__';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;

interface Method {
  readonly module: Module;
  /** The one instance of its class, unless each request has its own. */
  readonly instance: () => object | undefined;
  readonly isController: boolean;
  readonly type: HandlerClass;
  readonly name: string;
  readonly handler: Handler;
}

/**
 * Makes the handlers that use tasks report their start and end, and leaves all other
 * handlers untouched: those with `@Tasks()` are wrapped, and an interceptor is bound to
 * those that can reach the tasks in another way.
 */
export class HandlerInstrumentation {
  readonly #modules: ModulesContainer;
  readonly #scopes: ScopeFinder;
  readonly #interceptor: TasksInterceptor;
  readonly #scanner = new MetadataScanner();

  constructor(modules: ModulesContainer, scopes: ScopeFinder) {
    this.#modules = modules;
    this.#scopes = scopes;
    this.#interceptor = new TasksInterceptor(scopes);
  }

  /**
   * Wraps the handlers with `@Tasks()`. Must be called before Nest registers handlers.
   *
   * @param isDecorated whether handlers may be called on something in the place of their controller
   */
  wrapDecorated(isDecorated: boolean): void {
    this.#eachMethod(({ type, name, handler, isController }) => {
      const isReported = wrapHandler(type, name);
      if (isReported && isController && !isDecorated && isRouteOnly(handler)) {
        takePipe(type, name);
      }
    });
  }

  /** Binds the interceptor to every handler. Must be called before Nest registers handlers. */
  interceptAll(): void {
    this.#eachMethod(({ module, handler }) => {
      if (isHandler(handler)) this.#intercept(module, handler);
    });
  }

  /**
   * Lets wrapped handlers find their application by their controller, or by the pipe where
   * each request has a controller of its own. The other handlers of such controllers may use
   * a `TasksService`: they are wrapped too, or get the interceptor. Which controllers these
   * are is known only when all providers are instantiated; Nest looks up their parameters
   * and enhancers per request.
   */
  bootstrapped(): void {
    this.#eachMethod(
      ({ module, isController, instance, type, name, handler }) => {
        if (!isController || !isHandler(handler)) return;
        const controller = instance();
        if (controller) setScopesOf(controller, this.#scopes);
        else this.#reportScoped(module, type, name, handler);
      },
    );
  }

  /** Of a controller that is created for each request. */
  #reportScoped(
    module: Module,
    type: HandlerClass,
    name: string,
    handler: Handler,
  ): void {
    // A mixin has the parameters of its methods elsewhere.
    const isMixin = type.prototype.constructor !== type;
    if (tasksParameters(type, name).length > 0) {
      returnPipe(type, name);
    } else if (this.#scopes.isAmbient || isMixin || !isRouteOnly(handler)) {
      return this.#intercept(module, handler);
    } else {
      wrapHandler(type, name, addTasksParameter(type, name));
    }
    if (module.injectables.has(TasksPipe)) return;
    const useValue = new TasksPipe(this.#scopes);
    module.addInjectable({ provide: TasksPipe, useValue }, 'pipe');
  }

  #eachMethod(visit: (found: Method) => void): void {
    for (const module of this.#modules.values()) {
      for (const host of [
        ...module.controllers.values(),
        ...module.providers.values(),
      ]) {
        const { metatype } = host;
        if (!isClass(metatype)) continue;
        const type = metatype as HandlerClass;
        const isController = module.controllers.has(type);
        const instance = () =>
          host.isDependencyTreeStatic() ? (host.instance as object) : undefined;
        for (const [name, handler] of this.#methodsOf(type)) {
          visit({ module, isController, instance, type, name, handler });
        }
      }
    }
  }

  #methodsOf({ prototype }: HandlerClass): [string, Handler][] {
    const methods: [string, Handler][] = [];
    try {
      for (const name of this.#scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (handler) methods.push([name, handler]);
      }
    } catch {
      // A Proxy in the place of a prototype can throw at any access; it has no handlers.
    }
    return methods;
  }

  #intercept(module: Module, handler: Handler): void {
    const bound = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ??
      []) as unknown[];
    if (!bound.includes(TasksInterceptor)) {
      const all = [...bound, TasksInterceptor];
      Reflect.defineMetadata(INTERCEPTORS_METADATA, all, handler);
    }
    if (!module.injectables.has(TasksInterceptor)) {
      module.addInjectable(
        { provide: TasksInterceptor, useValue: this.#interceptor },
        'interceptor',
      );
    }
  }
}
