import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { Settled } from '../core/settled.js';
import type { TaskOptions } from '../core/task-options.js';
import type {
  ConfigurableTaskScheduler,
  TaskPhaseScheduler,
  Tasks,
} from '../core/task-scheduler.js';
import type { Task } from '../core/task.js';
import { carrierOfRequest } from './execution-carrier.js';
import type { RequestScopes } from './request-scopes.js';
import { REQUEST_SCOPES } from './tasks.tokens.js';

/**
 * The tasks of the request, for constructor injection. It is request-scoped, and
 * so is whatever injects it; it shares one scope with every `@Tasks()` of the
 * same request.
 *
 * @publicApi
 */
@Injectable({ scope: Scope.REQUEST })
export class TasksService implements Tasks {
  readonly #request: unknown;
  readonly #scopes: RequestScopes;

  constructor(
    @Inject(REQUEST) request: unknown,
    @Inject(REQUEST_SCOPES) scopes: RequestScopes,
  ) {
    this.#request = request;
    this.#scopes = scopes;
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  get afterRoute(): TaskPhaseScheduler {
    return this.#tasks.afterRoute;
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  get afterResponse(): TaskPhaseScheduler {
    return this.#tasks.afterResponse;
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  schedule<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): Task<A, Settled<R>> {
    return this.#tasks.schedule(fn, ...args);
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  task(options: TaskOptions): ConfigurableTaskScheduler {
    return this.#tasks.task(options);
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  cancel(name: string): number {
    return this.#tasks.cancel(name);
  }

  /** @throws TaskScopeMissingError outside an HTTP request */
  waitUntil<R>(promise: PromiseLike<R>, options?: TaskOptions): Task<[], R> {
    return this.#tasks.waitUntil(promise, options);
  }

  get #tasks(): Tasks {
    return this.#scopes.of(carrierOfRequest(this.#request)).tasks;
  }
}
