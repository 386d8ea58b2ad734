import { ModuleRef, type ContextId, type ModulesContainer } from '@nestjs/core';
import { STATIC_CONTEXT } from '@nestjs/core/injector/constants.js';
import type { Class } from '../../core/base/class.js';
import type { InjectionScope } from '../../core/task/declared-task.js';
import type { TaskProvider } from '../../core/scheduling/registered-task.js';
import { InjectionContext } from '../scopes/injection-context.js';

export type Module = ModulesContainer extends Map<string, infer M> ? M : never;
export type Wrapper =
  Module['providers'] extends Map<unknown, infer W> ? W : never;

/** A provider of the application, accessed through the wrapper that Nest keeps it in. */
export class NestTaskProvider implements TaskProvider {
  readonly type: Class<object>;
  readonly #wrapper: Wrapper;
  readonly #module: Module;
  readonly #bootstrapped: Promise<unknown>;

  /** @param bootstrapped resolves when all providers have been instantiated */
  constructor(
    type: Class<object>,
    wrapper: Wrapper,
    module: Module,
    bootstrapped: Promise<unknown>,
  ) {
    this.type = type;
    this.#wrapper = wrapper;
    this.#module = module;
    this.#bootstrapped = bootstrapped;
  }

  get isScoped(): boolean {
    return isScoped(this.#wrapper);
  }

  instance(scope?: InjectionScope): object | Promise<object> {
    if (this.isScoped) return this.#resolve(scope);
    const made = madeInstance(this.#wrapper);
    return (
      made ?? this.#bootstrapped.then(() => this.#wrapper.instance as object)
    );
  }

  async #resolve(scope: InjectionScope | undefined): Promise<object> {
    const { token } = this.#wrapper;
    const moduleRef =
      this.#module.getProviderByKey<ModuleRef>(ModuleRef).instance;
    const known = scope?.context();
    const context =
      known instanceof InjectionContext ? known : new InjectionContext();
    const isDurable = this.#wrapper.isDependencyTreeDurable();
    const contextId = context.contextIdFor(moduleRef, isDurable);
    return moduleRef.resolve<object>(
      token as Class<object>,
      this.#wrapper.isTransient ? ownContext(token, contextId) : contextId,
    );
  }
}

/**
 * Nest makes one instance of a transient provider per context, so each task needs a
 * context of its own for the provider; its dependencies are those of the given context.
 */
function ownContext(token: unknown, contextId: ContextId): ContextId {
  const own: ContextId = {
    id: contextId.id,
    getParent: (info) =>
      info.token === token ? own : (contextId.getParent?.(info) ?? contextId),
  };
  return own;
}

/** Whether each scope, or each task, has its own instance of a provider. */
export function isScoped(wrapper: Wrapper): boolean {
  return wrapper.isTransient || !wrapper.isDependencyTreeStatic();
}

/** Whether Nest has made the single instance of a provider, which may be `undefined`. */
export function hasInstance(wrapper: Wrapper): boolean {
  return wrapper.getInstanceByContextId(STATIC_CONTEXT).isResolved === true;
}

/** The single instance of a provider. Until it exists, Nest keeps an empty object in its place. */
export function madeInstance(wrapper: Wrapper): object | undefined {
  const { isResolved, instance } =
    wrapper.getInstanceByContextId(STATIC_CONTEXT);
  return isResolved ? (instance as object) : undefined;
}
