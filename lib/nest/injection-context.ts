import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';

/**
 * The context of dependency injection of one unit of work: that of its request, which
 * what is injected into its controller shares, or one of its own.
 */
export class InjectionContext {
  readonly #requestOf: () => unknown;
  #contextId: ContextId | undefined;

  /** @param requestOf gives what is injected as `REQUEST` */
  constructor(requestOf: () => unknown = () => undefined) {
    this.#requestOf = requestOf;
  }

  /** @param isDurable whether a durable provider is resolved, whose context may outlive the request */
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
    // One that Nest has put on the request is found again, and is complete.
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
