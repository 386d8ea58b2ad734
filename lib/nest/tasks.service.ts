import { Inject, Injectable, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { ScheduledMethods } from '../core/scheduling/scheduled-methods.js';
import type { Settled } from '../core/base/settled.js';
import type { TaskOptions } from '../core/task/task.js';
import type {
  ConfigurableTaskScheduler,
  TaskPhaseScheduler,
  Tasks,
} from '../core/scheduling/tasks.js';
import type { Task } from '../core/task/task.js';
import { ScopeFinder } from './scopes/scope-finder.js';

/**
 * The tasks of the request, for constructor injection. It is request-scoped, and so is
 * every provider that injects it. It shares one scope with every `@Tasks()` of the same
 * request.
 *
 * @publicApi
 */
@Injectable({ scope: Scope.REQUEST })
export class TasksService implements Tasks {
  readonly #request: unknown;
  readonly #scopes: ScopeFinder;

  /** @internal Inject it: Nest creates one per request. */
  constructor(
    @Inject(REQUEST) request: unknown,
    @Inject(ScopeFinder) scopes: ScopeFinder,
  ) {
    this.#request = request;
    this.#scopes = scopes;
  }

  /** @throws TaskScopeMissingError outside a request or message */
  get afterRoute(): TaskPhaseScheduler {
    return this.#tasks.afterRoute;
  }

  /** @throws TaskScopeMissingError outside a request or message */
  get afterResponse(): TaskPhaseScheduler {
    return this.#tasks.afterResponse;
  }

  /** @throws TaskScopeMissingError outside a request or message */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>> {
    return this.#tasks.schedule(fn, ...args);
  }

  /** @throws TaskScopeMissingError outside a request or message */
  of<T extends object>(provider: Type<T>): ScheduledMethods<T> {
    return this.#tasks.of(provider);
  }

  /** @throws TaskScopeMissingError outside a request or message */
  task(options: TaskOptions): ConfigurableTaskScheduler {
    return this.#tasks.task(options);
  }

  /** @throws TaskScopeMissingError outside a request or message */
  cancel(name: string): number {
    return this.#tasks.cancel(name);
  }

  /** @throws TaskScopeMissingError outside a request or message */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R> {
    return this.#tasks.waitUntil(promise, options);
  }

  get #tasks(): Tasks {
    return this.#scopes.ofRequest(this.#request);
  }
}
