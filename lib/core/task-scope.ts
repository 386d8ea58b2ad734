import { LinkedList } from './linked-list.js';
import type { ScheduledTask } from './scheduled-task.js';
import type { BusyScope, ScopeHost } from './scope-host.js';
import { TaskRoute, type ResponseEnd, type RouteScope } from './task-route.js';

/**
 * One unit of work: a request, a message, a run of `runInScope`. It has one
 * response and, mostly, one route; a GraphQL request has one for each resolver
 * call. Its life is open → routed → responded → closed: when the last task has
 * settled nothing refers to the scope any more.
 *
 * An endless one, for work that belongs to no request, closes whenever it is quiet.
 */
export class TaskScope implements BusyScope, RouteScope {
  readonly #host: ScopeHost;
  readonly #isEndless: boolean;
  readonly #unsettled = new LinkedList<ScheduledTask>();
  readonly #routes: TaskRoute[] = [];
  #responseEnd: ResponseEnd | undefined;
  #isOpen = false;
  #whenClosed: (() => void)[] = [];

  constructor(host: ScopeHost, isEndless = false) {
    this.#host = host;
    this.#isEndless = isEndless;
  }

  get unsettled(): readonly ScheduledTask[] {
    return this.#unsettled.toArray();
  }

  get responseEnd(): ResponseEnd | undefined {
    return this.#responseEnd;
  }

  get awaitsResponse(): boolean {
    if (this.#responseEnd) return false;
    return (
      this.#routes.some((route) => route.hasEnded) &&
      !this.#routes.some((route) => route.isRunning)
    );
  }

  openRoute(): TaskRoute {
    const route = new TaskRoute(this.#host, this);
    this.#routes.push(route);
    return route;
  }

  closed(): Promise<void> {
    return new Promise((resolve) => this.#whenClosed.push(resolve));
  }

  /** The response has ended, for all routes. Only the first call counts. */
  responseEnded(end: ResponseEnd): void {
    if (this.#responseEnd) return;
    this.#responseEnd = end;
    for (const route of this.#routes) route.responseEnded(end);
    this.#closeWhenOver();
  }

  /** The handler of one of the routes is done. */
  routeEnded(): void {
    this.#closeWhenOver();
  }

  add(task: ScheduledTask): void {
    this.#unsettled.push(task);
    if (this.#unsettled.size === 1) this.#host.scopeBusy(this);
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#host.scopeOpened(this);
  }

  remove(task: ScheduledTask): void {
    this.#unsettled.remove(task);
    if (this.#unsettled.size > 0) return;
    this.#host.scopeQuiet(this);
    this.#closeWhenOver();
  }

  #closeWhenOver(): void {
    if (this.#whenClosed.length === 0 || this.#unsettled.size > 0) return;
    const isOver =
      this.#responseEnd && !this.#routes.some((route) => route.isRunning);
    if (!isOver && !this.#isEndless) return;
    if (this.#isEndless) this.#isOpen = false;
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }
}
