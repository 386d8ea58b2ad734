import { ServiceUnavailableException } from '@nestjs/common';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import { TaskNotStoredError } from '../../core/base/durable-errors.js';
import { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { SchedulingScope } from '../../core/scheduling/scheduling-scope.js';
import type { RouteEnd } from '../../core/scope/route-end.js';
import type { TaskRoute } from '../../core/scope/task-route.js';
import type { HandlerCall } from './handler-call.js';
import type { InjectionContext } from './injection-context.js';

/** The request that a call belongs to. */
export interface CalledRequest {
  readonly app: TaskRuntime;
  context(): InjectionContext;
  /** Opens a route of the scope of the request. */
  openRoute(): TaskRoute;
  /**
   * Listens for the end of the response.
   *
   * @throws TaskScopeMissingError when the response is not known
   */
  attach(): void;
  /** How a call ended, combined with what has been sent so far. */
  routeEnd(threw: boolean, isUnawaited: boolean): RouteEnd;
}

/** The client may try again when a store is to blame. */
function throwAsHttpError(error: unknown): never {
  throw error instanceof TaskNotStoredError
    ? new ServiceUnavailableException(
        'A task of this request could not be stored. Try again later.',
        { cause: error },
      )
    : error;
}

/**
 * One call of a handler of an HTTP request, or of one of its resolvers. Its route is opened
 * by the first task, and then notified of what has happened so far.
 */
export class HttpCall implements HandlerCall, SchedulingScope {
  readonly app: TaskRuntime;
  readonly tasks: RouteScheduler;
  readonly #request: CalledRequest;
  readonly #errorDecides: boolean;
  #route: TaskRoute | undefined;
  #depth = 0;
  #hasStarted = false;
  #isDeferred = false;
  #isRepeated = false;
  #end: RouteEnd | undefined;

  /** @param errorDecides whether the response does not show the error of the call */
  constructor(request: CalledRequest, errorDecides: boolean) {
    this.app = request.app;
    this.#request = request;
    this.#errorDecides = errorDecides;
    this.tasks = new RouteScheduler(this);
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  route(): TaskRoute {
    this.#route ??= this.#openRoute();
    this.#request.attach();
    return this.#route;
  }

  context(): InjectionContext {
    return this.#request.context();
  }

  start(): void {
    this.#hasStarted = true;
    this.#depth += 1;
    if (this.#depth > 1) return;
    this.#isDeferred = false;
    this.#end = undefined;
    if (this.#route) this.#route.start();
    // Who looks at the scopes sees those without tasks too.
    else if (this.app.watches.current) this.#route = this.#openRoute();
  }

  defer(): void {
    this.#depth -= 1;
    if (this.#depth > 0) return;
    this.#isDeferred = true;
    this.#route?.defer();
  }

  end(threw: boolean, isUnawaited: boolean): Promise<void> | undefined {
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth > 0) return undefined;
    const end = this.#request.routeEnd(threw, isUnawaited);
    // The status of the response of a resolver does not show the failure.
    this.#end = this.#errorDecides ? { ...end, errorDecides: true } : end;
    const drained = this.#route?.end(this.#end);
    return this.#errorDecides ? drained : drained?.catch(throwAsHttpError);
  }

  /** The handler is called again, and this call decides no more. */
  repeat(): void {
    this.#isRepeated = true;
    this.#route?.repeat();
  }

  #openRoute(): TaskRoute {
    const route = this.#request.openRoute();
    if (this.#hasStarted) route.start();
    if (this.#isDeferred) route.defer();
    if (this.#isRepeated) route.repeat();
    // There is nothing to wait for yet.
    if (this.#end) void route.end(this.#end);
    return route;
  }
}
