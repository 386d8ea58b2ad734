import type { IncomingMessage, ServerResponse } from 'node:http';
import { TaskScopeMissingError } from '../../core/base/errors.js';
import type { ResponseEnd, RouteEnd } from '../../core/scope/route-end.js';
import type { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import type { ScopeOrigin } from '../../core/scope/scope-watch.js';
import type { TaskRoute } from '../../core/scope/task-route.js';
import type { TaskScope } from '../../core/scope/task-scope.js';
import { HttpCall, type CalledRequest } from './http-call.js';
import { InjectionContext } from './injection-context.js';
import { onResponseEnd } from './response-end.js';
import { isQueued, onTurn, responseOf } from './response-queue.js';

/** An HTTP request, or one of the resolver calls of a GraphQL request. */
export interface HttpOrigin {
  readonly kind: 'http' | 'resolver';
  /** The raw request: the same object in everything that belongs to the request. */
  readonly key: IncomingMessage;
  readonly response: ServerResponse | undefined;
  /** Whether nothing but the raw request is known. */
  readonly isBare: boolean;
  /** The value that is injected as `REQUEST`. */
  readonly injected: unknown;
}

/** The connection was lost before the response had its turn. */
const NEVER_ANSWERED: ResponseEnd = {
  succeeded: undefined,
  response: { statusCode: 200, delivered: false },
};

/**
 * The scope of one HTTP request in one application. Nothing of the core is created, and
 * no listener attached, before something is scheduled.
 */
export class HttpScope implements CalledRequest, ScopeOrigin {
  readonly app: TaskRuntime;
  readonly #request: IncomingMessage & { readonly originalUrl?: string };
  #response: ServerResponse | undefined;
  #injected: unknown;
  #isBare = false;
  #isAttached = false;
  #isRouteOver = false;
  #call: HttpCall | undefined;
  #scope: TaskScope | undefined;
  #context: InjectionContext | undefined;

  constructor(runtime: TaskRuntime, request: IncomingMessage) {
    this.app = runtime;
    this.#request = request;
  }

  /** The response may become known later than the request. */
  update({
    response,
    isBare,
    injected,
  }: Omit<HttpOrigin, 'kind' | 'key'>): void {
    this.#isBare = isBare;
    // A raw request must not replace the richer one that was known before.
    if (!isBare || !this.#injected) this.#injected = injected;
    this.#response ??= response;
  }

  /** The tasks of the request, shared by its handler and everything around the handler. */
  get tasks(): RouteScheduler {
    return this.#currentCall.tasks;
  }

  /** The tasks of a call of the handler that starts next: an interceptor may call it again. */
  openCall(): RouteScheduler {
    const former = this.#currentCall;
    if (!former.hasStarted) return former.tasks;
    former.repeat();
    return (this.#call = new HttpCall(this, false)).tasks;
  }

  /** The tasks of one resolver call, whose error the response does not show. */
  openResolverCall(): RouteScheduler {
    return new HttpCall(this, true).tasks;
  }

  /** Without the query, which may hold secrets. */
  describe(): string {
    const { method = '', originalUrl, url = '' } = this.#request;
    return `${method} ${(originalUrl ?? url).split('?', 1)[0]}`;
  }

  context(): InjectionContext {
    return (this.#context ??= new InjectionContext(() => this.#injected));
  }

  openRoute(): TaskRoute {
    this.#scope ??= this.app.openScope(this);
    return this.#scope.openRoute(this);
  }

  routeEnd(threw: boolean, isUnawaited: boolean): RouteEnd {
    const response = this.#response;
    if (!response) return { failed: threw, threw, isUnawaited };
    this.#isRouteOver = true;
    return {
      failed: threw || response.statusCode >= 400,
      threw,
      isUnawaited,
      // An error after the headers were sent, or the connection closed, never becomes a status.
      errorDecides: response.headersSent,
      response,
    };
  }

  attach(): void {
    if (this.#isAttached) return;
    if (this.#response) {
      this.#attachTo(this.#response);
    } else if (!this.#isBare && isQueued(this.#request)) {
      this.#isAttached = true;
      this.#awaitTurn();
    } else {
      throw new TaskScopeMissingError(
        'The response of this request is not known yet, so nothing can be scheduled here ' +
          '(Fastify gives request-scoped middleware only the raw request, and over HTTP/2 it exposes the response only ' +
          'once the handler runs). Use a guard instead of middleware; over HTTP/2, schedule in the handler.',
      );
    }
  }

  get #currentCall(): HttpCall {
    return (this.#call ??= new HttpCall(this, false));
  }

  #attachTo(response: ServerResponse): void {
    this.#isAttached = true;
    onResponseEnd(response, (delivered) => {
      const { statusCode } = response;
      this.#scope?.responseEnded({
        succeeded: this.#hasSucceeded(response, delivered),
        response: { statusCode, delivered },
      });
    });
  }

  /** `undefined` where the connection closed before the status was known. */
  #hasSucceeded(
    { statusCode, headersSent }: ServerResponse,
    delivered: boolean,
  ): boolean | undefined {
    const isFine = statusCode < 400;
    if (delivered) return isFine;
    if (!this.#isRouteOver) return undefined;
    return isFine && !headersSent ? undefined : isFine;
  }

  /** Fastify knows the response before it calls the handler, but does not expose it. */
  #awaitTurn(): void {
    onTurn(this.#request, () => {
      const response = responseOf(this.#request);
      this.update({ response, isBare: false, injected: this.#injected });
      if (this.#response) this.#attachTo(this.#response);
      else this.#scope?.responseEnded(NEVER_ANSWERED);
    });
  }
}
