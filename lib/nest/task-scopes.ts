import type { ExecutionContext } from '@nestjs/common';
import type { TaskRuntime } from '../core/task-runtime.js';
import {
  carrierOfContext,
  carrierOfRequest,
  type ExecutionCarrier,
  type HttpCarrier,
  type MessageCarrier,
} from './execution-carrier.js';
import { ambientTasks } from './current-tasks.js';
import { HandlerTasks } from './handler-tasks.js';
import { HttpScope } from './http-scope.js';
import { MessageCall } from './message-call.js';

/** A request, and what applications keep there. */
type ScopedRequest = HttpCarrier['key'] & Record<symbol, HttpScope | undefined>;

/** Finds or opens the units of work of one application. */
export class TaskScopes {
  readonly #runtime: TaskRuntime;
  /** Whether `currentTasks()` works. */
  readonly isAmbient: boolean;
  /**
   * Where a request keeps its scope for this application. In a `WeakMap`, the requests
   * would cost the garbage collector more than all else that is done for them.
   */
  readonly #scopeKey = Symbol('nestjs-tasks');
  readonly #messages = new WeakMap<object, MessageCall>();

  constructor(runtime: TaskRuntime, isAmbient: boolean) {
    this.#runtime = runtime;
    this.isAmbient = isAmbient;
  }

  /**
   * The tasks of the handler that is called in this context.
   *
   * @throws TaskScopeMissingError when the context belongs to no known unit of work
   */
  ofContext(context: ExecutionContext): HandlerTasks {
    return this.#of(carrierOfContext(context));
  }

  /**
   * The same for a handler whose interceptor, if it has one, may have opened them:
   * not every unit of work has an object of its own by which to find it again.
   *
   * @throws TaskScopeMissingError when the context belongs to no known unit of work
   */
  ofCalledHandler(context: ExecutionContext): HandlerTasks {
    const carrier = carrierOfContext(context);
    const isShared =
      carrier.kind === 'http' || (carrier.kind === 'message' && carrier.key);
    const opened = this.isAmbient && !isShared ? ambientTasks() : undefined;
    return opened instanceof HandlerTasks ? opened : this.#of(carrier);
  }

  /**
   * The tasks of what was injected as `REQUEST`.
   *
   * @throws TaskScopeMissingError when it stands for no unit of work
   */
  ofRequest(request: unknown): HandlerTasks {
    return this.#of(carrierOfRequest(request));
  }

  #of(carrier: ExecutionCarrier): HandlerTasks {
    switch (carrier.kind) {
      case 'http':
        return this.#request(carrier).tasks;
      case 'resolver':
        return this.#request(carrier).openResolverCall();
      case 'message':
        return this.#message(carrier);
    }
  }

  #request(carrier: HttpCarrier): HttpScope {
    const request = carrier.key as ScopedRequest;
    const scope = (request[this.#scopeKey] ??= new HttpScope(
      this.#runtime,
      request,
    ));
    scope.know(carrier);
    return scope;
  }

  #message(carrier: MessageCarrier): HandlerTasks {
    const { key } = carrier;
    const call =
      (key && this.#messages.get(key)) ?? new MessageCall(this.#runtime);
    if (key) this.#messages.set(key, call);
    call.know(carrier);
    return call.tasks;
  }
}
