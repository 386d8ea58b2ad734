import { ModuleRef, type ContextId, type ModulesContainer } from '@nestjs/core';
import { STATIC_CONTEXT } from '@nestjs/core/injector/constants.js';
import type { Class } from '../core/class.js';
import type { InjectionUnit } from '../core/declared-task.js';
import type { TaskProvider } from '../engine/task-registry.js';
import { InjectionContext } from './injection-context.js';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;
export type Wrapper =
  Module['providers'] extends Map<unknown, infer W> ? W : never;

/** A provider of the application, by the wrapper that Nest keeps it in. */
export class NestTaskProvider implements TaskProvider {
  readonly type: Class<object>;
  readonly #wrapper: Wrapper;
  readonly #module: Module;
  readonly #bootstrapped: Promise<unknown>;

  /** @param bootstrapped resolves when all providers have been made */
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
    return this.#wrapper.isTransient || !this.#wrapper.isDependencyTreeStatic();
  }

  instance(unit?: InjectionUnit): object | Promise<object> {
    if (this.isScoped) return this.#resolve(unit);
    const made = madeInstance(this.#wrapper);
    return (
      made ?? this.#bootstrapped.then(() => this.#wrapper.instance as object)
    );
  }

  async #resolve(unit: InjectionUnit | undefined): Promise<object> {
    const { token } = this.#wrapper;
    const moduleRef =
      this.#module.getProviderByKey<ModuleRef>(ModuleRef).instance;
    const known = unit?.context();
    const context =
      known instanceof InjectionContext ? known : new InjectionContext();
    const isDurable = this.#wrapper.isDependencyTreeDurable();
    const contextId = context.contextIdFor(moduleRef, isDurable);
    return moduleRef.resolve<object>(
      token as Class<object>,
      this.#wrapper.isTransient ? contextOfItsOwn(token, contextId) : contextId,
    );
  }
}

/** In one context a transient provider is made once; all else that it needs is that context's. */
function contextOfItsOwn(token: unknown, contextId: ContextId): ContextId {
  const own: ContextId = {
    id: contextId.id,
    getParent: (info) =>
      info.token === token ? own : (contextId.getParent?.(info) ?? contextId),
  };
  return own;
}

/** The one instance of a provider; until it has been made, Nest keeps an empty object in its place. */
export function madeInstance(wrapper: Wrapper): object | undefined {
  const { isResolved, instance } =
    wrapper.getInstanceByContextId(STATIC_CONTEXT);
  return isResolved ? (instance as object) : undefined;
}
