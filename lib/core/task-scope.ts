import { AfterRouteDrain } from './after-route-drain.js';
import { PhaseQueue, type RouteVerdict } from './phase-queue.js';
import {
  ScheduledTask,
  type Callable,
  type TaskHome,
} from './scheduled-task.js';
import type { ScopeHost } from './scope-host.js';
import type { TaskOptions } from './task-options.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { TaskPhase, TaskResponse } from './task.js';

/** How the handler of a unit of work ended. */
export interface RouteEnd {
  /** For after-route tasks. */
  readonly failed: boolean;
  /** Whether it failed with an error. */
  readonly threw: boolean;
  /** Whether that error comes too late for any response to tell of it, so that it decides. */
  readonly decides?: boolean | undefined;
}

/** How the response of a unit of work ended. */
export interface ResponseEnd {
  /** `undefined` when the response says nothing about it and the route's end decides. */
  readonly succeeded: boolean | undefined;
  readonly response?: TaskResponse | undefined;
}

/**
 * One unit of work: a request, a message, a run of `runInScope`. Its life is
 * open → routed → responded → closed: the end of the route releases after-route
 * tasks, the end of both route and response releases after-response tasks, and
 * when the last task has settled nothing refers to the scope any more.
 */
export class TaskScope implements TaskHome {
  readonly #host: ScopeHost;
  readonly #unsettled = new Set<ScheduledTask>();
  #immediate: PhaseQueue | undefined;
  #afterRoute: PhaseQueue | undefined;
  #afterResponse: PhaseQueue | undefined;
  #drain: AfterRouteDrain | undefined;
  #isRouteRunning = false;
  #routeEnd: RouteEnd | undefined;
  #responseEnd: ResponseEnd | undefined;
  #warnedOfLateTask = false;

  constructor(host: ScopeHost) {
    this.#host = host;
  }

  get unsettled(): ReadonlySet<ScheduledTask> {
    return this.#unsettled;
  }

  schedule<A extends unknown[], R>(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
  ): ScheduledTask<A, R> {
    const task = new ScheduledTask<A, R>(phase, fn, args, options, this);
    if (this.#accept(task)) this.#queueOf(phase).push(task);
    return task;
  }

  /** Takes on work that runs already. */
  follow<R>(
    promise: PromiseLike<R>,
    options: Readonly<TaskOptions>,
  ): ScheduledTask<[], R> {
    // Asked once: a lazy thenable works anew each time. Never unhandled, if nobody follows.
    const work = Promise.resolve(promise);
    work.catch(() => {});
    const task = new ScheduledTask<[], R>(
      'immediate',
      () => work,
      [],
      options,
      this,
    );
    if (this.#accept(task)) {
      void Promise.resolve().then(() => this.#host.follow(task));
    }
    return task;
  }

  /** Cancels the tasks of this name and phase that have not started; says how many. */
  cancel(phase: TaskPhase, name: string): number {
    // All of them first: who is told of a cancellation may schedule the same again.
    const queued = [...this.#unsettled].filter(
      (task) =>
        task.phase === phase &&
        task.name === name &&
        task.status === 'scheduled' &&
        task.attempt === 0,
    );
    return queued.filter((task) => task.cancel()).length;
  }

  /** A handler starts: after-response tasks wait for its end too. */
  routeStarted(): void {
    this.#isRouteRunning = true;
    if (!this.#routeEnd) return;
    // The connection was gone before the handler started: its tasks wait for it all the same.
    this.#routeEnd = undefined;
    this.#afterRoute?.hold();
    this.#afterResponse?.hold();
    this.#drain = undefined;
  }

  /**
   * The handler is done: releases the after-route tasks. The promise says when the
   * response may go out; it is `undefined` when it may at once.
   *
   * @throws (rejects with) the error of a required task that failed
   */
  routeEnded(end: RouteEnd): Promise<void> | undefined {
    this.#isRouteRunning = false;
    this.#releaseAfterRoute(end);
    const drained = this.#drain?.begin();
    if (this.#responseEnd) this.#releaseAfterResponse();
    return drained;
  }

  /** The response has ended: releases the after-response tasks, once the handler is done too. */
  responseEnded(end: ResponseEnd): void {
    if (this.#responseEnd) return;
    this.#responseEnd = end;
    if (this.#isRouteRunning) return;
    if (this.#routeEnd) {
      this.#releaseAfterResponse();
    } else {
      // No handler ran, as when a guard rejects.
      const failed = end.succeeded === false;
      this.#releaseAfterRoute({ failed, threw: failed });
      this.#drain?.beginUnawaited();
      this.#releaseAfterResponse();
    }
  }

  started(task: ScheduledTask): void {
    this.#host.taskStarted(task);
  }

  retrying(task: ScheduledTask, error: Error): void {
    this.#host.taskRetrying(task, error);
  }

  settled(task: ScheduledTask, outcome: TaskOutcome, before: TaskStatus): void {
    this.#unsettled.delete(task);
    if (this.#unsettled.size === 0) this.#host.scopeQuiet(this);
    this.#host.taskSettled(task, outcome, before);
    if (task.phase === 'afterRoute') this.#drain?.settled(task, outcome);
  }

  /** Makes a task one of this scope, unless it settles in doing so. */
  #accept(task: ScheduledTask): boolean {
    this.#unsettled.add(task);
    if (this.#unsettled.size === 1) this.#host.scopeBusy(this);
    if (task.phase === 'afterRoute') {
      this.#warnWhenLate();
      (this.#drain ??= this.#newDrain()).scheduled(task);
    } else if (task.phase === 'afterResponse') {
      task.response = this.#responseEnd?.response;
    }
    this.#host.taskScheduled(task);
    const reason = this.#host.refusal(task);
    if (reason) task.settle({ status: 'dropped', reason });
    task.linkSignal();
    return !task.isSettled;
  }

  #queueOf(phase: TaskPhase): PhaseQueue {
    switch (phase) {
      case 'immediate':
        return (this.#immediate ??= this.#newQueue('success'));
      case 'afterRoute':
        return (this.#afterRoute ??= this.#newQueue(
          this.#routeEnd && verdictOf(!this.#routeEnd.failed),
        ));
      case 'afterResponse':
        return (this.#afterResponse ??= this.#newQueue(
          this.#afterResponseVerdict(),
        ));
    }
  }

  #newQueue(verdict: RouteVerdict | undefined): PhaseQueue {
    const queue = new PhaseQueue((task, reached) => {
      const { runOn = 'success' } = task.options;
      if (
        task.phase === 'immediate' ||
        runOn === 'always' ||
        runOn === reached
      ) {
        this.#host.submit(task);
      } else {
        const reason = `runOn is '${runOn}', and the route ended in ${reached}`;
        task.settle({ status: 'skipped', reason });
      }
    });
    if (verdict) queue.release(verdict);
    return queue;
  }

  #newDrain(): AfterRouteDrain {
    const { clock, afterRoute } = this.#host;
    return new AfterRouteDrain(clock, afterRoute, (message) =>
      this.#host.warn(message),
    );
  }

  #warnWhenLate(): void {
    if (this.#warnedOfLateTask || !this.#routeEnd) return;
    if (this.#drain && !this.#drain.isOver) return;
    this.#warnedOfLateTask = true;
    this.#host.warn(
      'An after-route task was scheduled when the route was done already; it starts at once. ' +
        'Await what schedules it in the handler, or use `tasks.afterResponse`.',
    );
  }

  #afterResponseVerdict(): RouteVerdict | undefined {
    if (!this.#responseEnd || !this.#routeEnd) return undefined;
    const { succeeded } = this.#responseEnd;
    const { threw, decides } = this.#routeEnd;
    return verdictOf(decides || succeeded === undefined ? !threw : succeeded);
  }

  #releaseAfterRoute(end: RouteEnd): void {
    this.#routeEnd = end;
    this.#afterRoute?.release(verdictOf(!end.failed));
  }

  #releaseAfterResponse(): void {
    const verdict = this.#afterResponseVerdict();
    if (!verdict) return;
    for (const task of this.#unsettled) {
      if (task.phase === 'afterResponse') {
        task.response = this.#responseEnd?.response;
      }
    }
    this.#afterResponse?.release(verdict);
  }
}

function verdictOf(succeeded: boolean): RouteVerdict {
  return succeeded ? 'success' : 'failure';
}
