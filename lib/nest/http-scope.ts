import type { ServerResponse } from 'node:http';
import { TaskScopeMissingError } from '../core/errors.js';
import type { RouteEnd, TaskRoute } from '../core/task-route.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { TaskScope } from '../core/task-scope.js';
import { HandlerTasks } from './handler-tasks.js';
import { ResponseLifecycle } from './response-lifecycle.js';

/** What one application keeps of one HTTP request. */
export class HttpScope {
  readonly #runtime: TaskRuntime;
  readonly #scope: TaskScope;
  #lifecycle: ResponseLifecycle | undefined;
  #tasks: HandlerTasks | undefined;

  constructor(runtime: TaskRuntime) {
    this.#runtime = runtime;
    this.#scope = runtime.openScope();
  }

  /** The response may become known only after the request. */
  know(response: ServerResponse | undefined): void {
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
    return new HandlerTasks(
      {
        start() {
          depth += 1;
          if (depth === 1) route.start();
        },
        end: (threw) => {
          depth = Math.max(0, depth - 1);
          if (depth > 0) return undefined;
          return route.end(this.#endOf(threw, errorDecides));
        },
      },
      () => this.#attached(route),
      this.#runtime.settings.defaults,
    );
  }

  #endOf(threw: boolean, errorDecides: boolean): RouteEnd {
    const end = this.#lifecycle?.routeEnd(threw) ?? { failed: threw, threw };
    return errorDecides ? { ...end, decides: threw } : end;
  }

  #attached(route: TaskRoute): TaskRoute {
    if (!this.#lifecycle) {
      throw new TaskScopeMissingError(
        'Here the response of the request is not known, so nothing can be scheduled ' +
          '(request-scoped middleware on Fastify gets the raw request only). Schedule in a guard or in the handler.',
      );
    }
    this.#lifecycle.attach();
    return route;
  }
}
