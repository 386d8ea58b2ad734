import type { IncomingMessage } from 'node:http';
import { TaskScopeMissingError } from '../core/errors.js';
import type { ResponseEnd, RouteEnd, TaskRoute } from '../core/task-route.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { TaskScope } from '../core/task-scope.js';
import type { HttpCarrier } from './execution-carrier.js';
import { HandlerTasks } from './handler-tasks.js';
import { InjectionContext } from './injection-context.js';
import { ResponseLifecycle } from './response-lifecycle.js';
import { isQueued, onTurn, responseOf } from './response-turn.js';

/** The connection was lost before it was the turn of the response. */
const NEVER_ANSWERED: ResponseEnd = {
  succeeded: undefined,
  response: { statusCode: 200, delivered: false },
};

/** What one application keeps of one HTTP request. */
export class HttpScope {
  readonly #runtime: TaskRuntime;
  readonly #request: IncomingMessage;
  readonly #scope: TaskScope;
  #isBare = false;
  #isWaiting = false;
  #lifecycle: ResponseLifecycle | undefined;
  #tasks: HandlerTasks | undefined;
  #injected: unknown;
  #context: InjectionContext | undefined;

  constructor(runtime: TaskRuntime, request: IncomingMessage) {
    this.#runtime = runtime;
    this.#request = request;
    this.#scope = runtime.openScope();
  }

  /** The response may become known only after the request. */
  know({
    response,
    isBare,
    injected,
  }: Omit<HttpCarrier, 'kind' | 'key'>): void {
    this.#isBare = isBare;
    // Where only the raw request is known, another one may have been before.
    if (!isBare || !this.#injected) this.#injected = injected;
    if (response) {
      this.#lifecycle ??= new ResponseLifecycle(this.#scope, response);
    }
  }

  /** The tasks of the request: what its handler, and all around it, share. */
  get tasks(): HandlerTasks {
    return (this.#tasks ??= this.#openCall(false));
  }

  /** The tasks of one call of a GraphQL resolver: the response does not tell of its error. */
  openResolverCall(): HandlerTasks {
    return this.#openCall(true);
  }

  #openCall(errorDecides: boolean): HandlerTasks {
    const route = this.#scope.openRoute();
    let depth = 0;
    return new HandlerTasks({
      app: this.#runtime,
      route: () => this.#attached(route),
      context: () =>
        (this.#context ??= new InjectionContext(() => this.#injected)),
      start() {
        depth += 1;
        if (depth === 1) route.start();
      },
      end: (threw) => {
        depth = Math.max(0, depth - 1);
        if (depth > 0) return undefined;
        return route.end(this.#endOf(threw, errorDecides));
      },
    });
  }

  #endOf(threw: boolean, errorDecides: boolean): RouteEnd {
    const end = this.#lifecycle?.routeEnd(threw) ?? { failed: threw, threw };
    return errorDecides ? { ...end, decides: threw } : end;
  }

  #attached(route: TaskRoute): TaskRoute {
    if (this.#lifecycle) {
      this.#lifecycle.attach();
    } else if (!this.#isBare && isQueued(this.#request)) {
      this.#awaitTurn();
    } else {
      throw new TaskScopeMissingError(
        'Here the response of the request is not known, so nothing can be scheduled ' +
          '(Fastify gives the raw request to request-scoped middleware, and over HTTP/2 tells of the response from the ' +
          'handler on). Use a guard instead of middleware; over HTTP/2, schedule in the handler.',
      );
    }
    return route;
  }

  /** Fastify knows the response before its handler is called, but does not tell. */
  #awaitTurn(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    onTurn(this.#request, () => {
      const response = responseOf(this.#request);
      this.know({ response, isBare: false, injected: this.#injected });
      if (this.#lifecycle) this.#lifecycle.attach();
      else this.#scope.responseEnded(NEVER_ANSWERED);
    });
  }
}
