import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { runHandler, type HandlerCall } from './handler-call.js';
import {
  IS_WRAPPED,
  isHandler,
  isStreamHandler,
  isWrapped,
  tasksParameters,
  type Handler,
} from './handler-metadata.js';
import { HandlerTasks } from './handler-tasks.js';
import { TasksInterceptor } from './tasks.interceptor.js';

const INTERCEPTORS_METADATA = '__interceptors__';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;
type Prototype = Record<string, Handler | undefined>;

interface Method {
  readonly module: Module;
  readonly isScopedController: () => boolean;
  readonly metatype: Type & { prototype: Prototype };
  readonly method: string;
  readonly handler: Handler;
}

/**
 * Sees to it that handlers that use tasks tell of their start and end, and that no
 * other handler runs any of our code.
 *
 * Both ways change classes, which applications may share. So what they put there
 * belongs to no application: it finds its own by what it is called with.
 */
export class HandlerBinding {
  readonly #modules: ModulesContainer;
  readonly #interceptor: TasksInterceptor;
  readonly #scanner = new MetadataScanner();

  constructor(modules: ModulesContainer, interceptor: TasksInterceptor) {
    this.#modules = modules;
    this.#interceptor = interceptor;
  }

  /** Wraps the handlers with `@Tasks()`. To be called before Nest registers them. */
  wrapDecorated(): void {
    this.#eachMethod(({ metatype, method }) => {
      const indexes = tasksParameters(metatype, method);
      if (indexes.length > 0) wrap(metatype, method, indexes);
    });
  }

  /** Binds the interceptor to every handler. To be called before Nest registers them. */
  interceptAll(): void {
    this.#eachMethod(({ module, handler }) => {
      if (isHandler(handler)) this.#intercept(module, handler);
    });
  }

  /**
   * Binds the interceptor to the other handlers of request-scoped controllers, which
   * may get at a `TasksService`. Which ones are is known once all is instantiated; their
   * enhancers are looked up per request.
   */
  interceptRequestScoped(): void {
    this.#eachMethod(({ module, isScopedController, handler }) => {
      if (isHandler(handler) && !isWrapped(handler) && isScopedController()) {
        this.#intercept(module, handler);
      }
    });
  }

  #eachMethod(visit: (found: Method) => void): void {
    for (const module of this.#modules.values()) {
      for (const host of [
        ...module.controllers.values(),
        ...module.providers.values(),
      ]) {
        const { metatype } = host;
        if (!isClass(metatype)) continue;
        const isScopedController = () =>
          module.controllers.has(metatype) && !host.isDependencyTreeStatic();
        for (const method of this.#methodsOf(metatype)) {
          const handler = metatype.prototype[method];
          if (!handler) continue;
          visit({ module, isScopedController, metatype, method, handler });
        }
      }
    }
  }

  #methodsOf(type: Type): string[] {
    return this.#scanner.getAllMethodNames(type.prototype as object);
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

/** Puts a function in the place of a handler that has its metadata and tells of its calls. */
function wrap(
  type: Type & { prototype: Prototype },
  method: string,
  indexes: readonly number[],
): void {
  const owner = ownerOf(type.prototype, method);
  const handler = owner?.[method];
  if (!owner || !handler || isWrapped(handler)) return;
  const isStream = isStreamHandler(handler);

  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const calls = callsIn(args, indexes);
    // Called by hand, as in a unit test.
    if (calls.length === 0) return handler.apply(this, args);
    return calls.reduce<() => unknown>(
      (inner, call) => () => runHandler(call, inner, isStream),
      () => handler.apply(this, args),
    )();
  };
  for (const key of Reflect.getMetadataKeys(handler) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), wrapped);
  }
  Object.defineProperties(wrapped, {
    name: { value: handler.name, configurable: true },
    length: { value: handler.length, configurable: true },
    [IS_WRAPPED]: { value: true },
  });
  Object.defineProperty(owner, method, {
    ...Object.getOwnPropertyDescriptor(owner, method),
    value: wrapped,
  });
}

/** The calls that the arguments belong to: one, unless a message is injected with tasks twice. */
function callsIn(
  args: readonly unknown[],
  indexes: readonly number[],
): HandlerCall[] {
  const calls: HandlerCall[] = [];
  for (const index of indexes) {
    const call = HandlerTasks.callOf(args[index]);
    if (call && !calls.includes(call)) calls.push(call);
  }
  return calls;
}

/** The prototype that has the method itself. */
function ownerOf(
  prototype: Prototype | null,
  method: string,
): Prototype | undefined {
  if (!prototype) return undefined;
  return Object.hasOwn(prototype, method)
    ? prototype
    : ownerOf(Object.getPrototypeOf(prototype) as Prototype | null, method);
}

function isClass(type: unknown): type is Type & { prototype: Prototype } {
  return typeof type === 'function' && typeof type.prototype === 'object';
}
