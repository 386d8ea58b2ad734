import { LinkedList, PrivatelyLinked } from '../base/linked-list.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { BusyScope, RouteScope, ScopeHost } from './scope-host.js';
import type { ResponseEnd } from './route-end.js';
import type { ScopeOrigin } from './scope-watch.js';
import type { InjectionScope } from '../task/declared-task.js';
import type { TaskRoute } from './task-route.js';

/** Makes the routes of a scope. */
export type RouteClass = new (
  ...parts: ConstructorParameters<typeof TaskRoute>
) => TaskRoute;

/**
 * One request, message or run of `runInScope`, with its tasks. It has one response
 * and usually one route; a GraphQL request has one route for each resolver call. Its
 * states are open → routed → responded → closed: when the last task has settled nothing
 * refers to the scope any more.
 */
export class TaskScope
  extends PrivatelyLinked
  implements BusyScope, RouteScope
{
  /** The request or message, unless the work belongs to none. */
  readonly origin: ScopeOrigin | undefined;
  readonly #host: ScopeHost;
  readonly #Route: RouteClass;
  readonly #isEndless: boolean;
  readonly #unsettled = new LinkedList<ScheduledTask>();
  #routes: TaskRoute[] | undefined;
  #responseEnd: ResponseEnd | undefined;
  #isOpen = false;
  #whenClosed: (() => void)[] | undefined;

  /**
   * @param isEndless for work that belongs to no request: the scope then closes whenever
   * it has no unsettled task
   */
  constructor(
    host: ScopeHost,
    Route: RouteClass,
    isEndless: boolean,
    origin?: ScopeOrigin,
  ) {
    super();
    this.origin = origin;
    this.#host = host;
    this.#Route = Route;
    this.#isEndless = isEndless;
  }

  get unsettled(): Iterable<ScheduledTask> {
    return this.#unsettled;
  }

  get responseEnd(): ResponseEnd | undefined {
    return this.#responseEnd;
  }

  get awaitsResponse(): boolean {
    if (this.#responseEnd) return false;
    const routes = this.#routes ?? [];
    return (
      routes.some((route) => route.hasEnded) &&
      !routes.some((route) => route.isRunning)
    );
  }

  /** @param injection of the unit of work, unless each task is one */
  openRoute(injection?: InjectionScope): TaskRoute {
    const route = new this.#Route(this.#host, this, injection);
    // Nearly always the only one: an array that grows has room for many.
    if (this.#routes) this.#routes.push(route);
    else this.#routes = [route];
    if (this.#responseEnd) route.responseEnded(this.#responseEnd);
    return route;
  }

  closed(): Promise<void> {
    return new Promise((resolve) => (this.#whenClosed ??= []).push(resolve));
  }

  /** The response has ended, for all routes. Only the first call counts. */
  responseEnded(end: ResponseEnd): void {
    if (this.#responseEnd) return;
    this.#responseEnd = end;
    this.#host.watches.current?.responseEnded(this, end);
    for (const route of this.#routes ?? []) route.responseEnded(end);
    this.#closeWhenOver();
  }

  /** One of the routes has settled. */
  routeSettled(): void {
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

  /** Cancels the tasks of this name and phase that have not started; returns how many. */
  cancel(phase: TaskPhase, name: string): number {
    // All are found first: an observer of a cancellation may schedule the same again.
    const queued = this.#unsettled
      .toArray()
      .filter(
        (task) =>
          task.phase === phase &&
          task.name === name &&
          task.status === 'scheduled' &&
          task.attempt === 0,
      );
    return queued.filter((task) => task.cancel()).length;
  }

  #closeWhenOver(): void {
    const waiting = this.#whenClosed;
    if (!waiting || this.#unsettled.size > 0) return;
    const isOver =
      this.#responseEnd && !this.#routes?.some((route) => route.isRunning);
    if (!isOver && !this.#isEndless) return;
    if (this.#isEndless) this.#isOpen = false;
    this.#whenClosed = undefined;
    for (const resolve of waiting) resolve();
  }
}
