import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';

/**
 * The dependency injection context of one scope: that of its request, shared with the
 * providers of its controller, or a new one.
 */
export class InjectionContext {
  readonly #requestOf: () => unknown;
  #contextId: ContextId | undefined;

  /** @param requestOf returns the value that is injected as `REQUEST` */
  constructor(requestOf: () => unknown = () => undefined) {
    this.#requestOf = requestOf;
  }

  /** @param isDurable whether the provider is a durable one, whose context may outlive the request */
  contextIdFor(moduleRef: ModuleRef, isDurable: boolean): ContextId {
    return (this.#contextId ??= this.#find(moduleRef, isDurable));
  }

  #find(moduleRef: ModuleRef, isDurable: boolean): ContextId {
    const request = this.#requestOf();
    if (typeof request !== 'object' || request === null) {
      return ContextIdFactory.create();
    }
    const inspected = ['raw', 'req'];
    const contextId = ContextIdFactory.getByRequest(request, inspected);
    // The same id twice is one that Nest has stored on the request, and has registered.
    if (ContextIdFactory.getByRequest(request, inspected) !== contextId) {
      const { payload } = contextId;
      moduleRef.registerRequestByContextId(
        isDurable ? payload : Object.assign(request, payload),
        contextId,
      );
    }
    return contextId;
  }
}
