import type { ExecutionContext } from '@nestjs/common';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { Tasks } from '../../core/scheduling/tasks.js';
import { ambientTasks } from './current-tasks.js';
import { handlerCallOf } from './handler-call.js';
import { HttpScope, type HttpOrigin } from './http-scope.js';
import {
  WebSocketOrRpcScope,
  type MessageOrigin,
} from './websocket-or-rpc-scope.js';
import {
  originOfContext,
  originOfRequest,
  type ScopeOrigin,
} from './scope-origin.js';

/** A request, on which each application keeps its scope. */
type ScopedRequest = HttpOrigin['key'] & Record<symbol, HttpScope | undefined>;

/**
 * Finds or opens the scopes of one application. Injected by its class into the
 * decorator's pipe, the service and the interceptor.
 */
export class ScopeFinder {
  readonly #runtime: TaskRuntime;
  /** Whether `currentTasks()` works. */
  readonly isAmbient: boolean;
  /**
   * The property under which a request keeps its scope. A `WeakMap` of requests would
   * cost the garbage collector more than everything else that is done for them.
   */
  readonly #scopeKey = Symbol('nestjs-tasks');
  readonly #messages = new WeakMap<object, WebSocketOrRpcScope>();

  constructor(runtime: TaskRuntime, isAmbient: boolean) {
    this.#runtime = runtime;
    this.isAmbient = isAmbient;
  }

  /**
   * The tasks of the handler that is called next in this context.
   *
   * @throws TaskScopeMissingError when the context has no scope
   */
  ofContext(context: ExecutionContext): RouteScheduler {
    return this.#ofCall(originOfContext(context), context);
  }

  /**
   * The same, for a handler whose interceptor may have opened the scope already: neither a
   * WebSocket message nor a resolver call has an object by which to find it again.
   *
   * @throws TaskScopeMissingError when the context has no scope
   */
  ofCalledHandler(context: ExecutionContext): RouteScheduler {
    const origin = originOfContext(context);
    const isShared =
      origin.kind === 'http' || (origin.kind === 'message' && origin.key);
    const opened = this.isAmbient && !isShared ? ambientTasks() : undefined;
    return opened instanceof RouteScheduler && handlerCallOf(opened)
      ? opened
      : this.#ofCall(origin, context);
  }

  /**
   * The tasks of the value that was injected as `REQUEST`.
   *
   * @throws TaskScopeMissingError when the value has no scope
   */
  ofRequest(request: unknown): Tasks {
    const origin = originOfRequest(request);
    return origin.kind === 'message'
      ? this.#message(origin).tasks
      : this.#request(origin).tasks;
  }

  #ofCall(origin: ScopeOrigin, context: ExecutionContext): RouteScheduler {
    switch (origin.kind) {
      case 'http':
        return this.#request(origin).openCall();
      case 'resolver':
        return this.#request(origin).openResolverCall();
      case 'message':
        return this.#message(origin).openCall(context.getHandler());
    }
  }

  #request(origin: HttpOrigin): HttpScope {
    const request = origin.key as ScopedRequest;
    const scope = (request[this.#scopeKey] ??= new HttpScope(
      this.#runtime,
      request,
    ));
    scope.update(origin);
    return scope;
  }

  #message(origin: MessageOrigin): WebSocketOrRpcScope {
    const { key } = origin;
    const scope =
      (key && this.#messages.get(key)) ??
      new WebSocketOrRpcScope(this.#runtime);
    if (key) this.#messages.set(key, scope);
    scope.update(origin);
    return scope;
  }
}
