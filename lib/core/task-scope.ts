import type { ScheduledTask } from './scheduled-task.js';
import type { BusyScope, ScopeHost } from './scope-host.js';
import { TaskRoute, type ResponseEnd, type RouteScope } from './task-route.js';

/**
 * One unit of work: a request, a message, a run of `runInScope`. It has one
 * response and, mostly, one route; a GraphQL request has one for each resolver
 * call. Its life is open → routed → responded → closed: when the last task has
 * settled nothing refers to the scope any more.
 */
export class TaskScope implements BusyScope, RouteScope {
  readonly #host: ScopeHost;
  readonly #unsettled = new Set<ScheduledTask>();
  readonly #routes: TaskRoute[] = [];
  #responseEnd: ResponseEnd | undefined;

  constructor(host: ScopeHost) {
    this.#host = host;
  }

  get unsettled(): ReadonlySet<ScheduledTask> {
    return this.#unsettled;
  }

  get responseEnd(): ResponseEnd | undefined {
    return this.#responseEnd;
  }

  openRoute(): TaskRoute {
    const route = new TaskRoute(this.#host, this);
    this.#routes.push(route);
    return route;
  }

  /** The response has ended, for all routes. Only the first call counts. */
  responseEnded(end: ResponseEnd): void {
    if (this.#responseEnd) return;
    this.#responseEnd = end;
    for (const route of this.#routes) route.responseEnded(end);
  }

  add(task: ScheduledTask): void {
    this.#unsettled.add(task);
    if (this.#unsettled.size === 1) this.#host.scopeBusy(this);
  }

  remove(task: ScheduledTask): void {
    this.#unsettled.delete(task);
    if (this.#unsettled.size === 0) this.#host.scopeQuiet(this);
  }
}
