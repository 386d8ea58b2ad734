import type { IncomingMessage } from 'node:http';
import { TaskScopeMissingError } from '../core/errors.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import { ScopeTasks, type Tasks } from '../core/task-scheduler.js';
import type { TaskScope } from '../core/task-scope.js';
import type { ExecutionCarrier } from './execution-carrier.js';
import { ResponseLifecycle } from './response-lifecycle.js';

/** What one application keeps of one request. */
export class RequestScope {
  readonly tasks: Tasks;
  readonly #scope: TaskScope;
  #lifecycle: ResponseLifecycle | undefined;

  constructor(runtime: TaskRuntime) {
    this.#scope = runtime.openScope();
    this.tasks = new ScopeTasks(
      () => this.#scopeToScheduleIn(),
      runtime.settings.defaults,
    );
  }

  /** The response may become known only after the request. */
  know({ response }: ExecutionCarrier): void {
    if (response) {
      this.#lifecycle ??= new ResponseLifecycle(this.#scope, response);
    }
  }

  routeStarted(): void {
    this.#scope.routeStarted();
  }

  /**
   * Releases the after-route tasks; the promise says when the response may go out.
   *
   * @throws (rejects with) the error of a required task that failed
   */
  routeEnded(threw: boolean): Promise<void> | undefined {
    return this.#scope.routeEnded(
      this.#lifecycle?.routeEnd(threw) ?? { failed: threw, threw },
    );
  }

  #scopeToScheduleIn(): TaskScope {
    if (!this.#lifecycle) {
      throw new TaskScopeMissingError(
        'Here the response of the request is not known, so nothing can be scheduled ' +
          '(request-scoped middleware on Fastify gets the raw request only). Schedule in a guard or in the handler.',
      );
    }
    this.#lifecycle.attach();
    return this.#scope;
  }
}

/** The scopes of the requests of one application. */
export class RequestScopes {
  readonly #runtime: TaskRuntime;
  readonly #scopes = new WeakMap<IncomingMessage, RequestScope>();

  constructor(runtime: TaskRuntime) {
    this.#runtime = runtime;
  }

  of(carrier: ExecutionCarrier): RequestScope {
    let scope = this.#scopes.get(carrier.request);
    if (!scope) {
      scope = new RequestScope(this.#runtime);
      this.#scopes.set(carrier.request, scope);
    }
    scope.know(carrier);
    return scope;
  }
}
