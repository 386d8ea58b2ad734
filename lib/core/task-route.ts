import { AfterRouteDrain } from './after-route-drain.js';
import type { AppResources } from './app-resources.js';
import type { Callable, DeclaredTask } from './declared-task.js';
import { DurableTask } from './durable-task.js';
import { PhaseQueue, type RouteVerdict } from './phase-queue.js';
import { ScheduledTask, type TaskHome } from './scheduled-task.js';
import type { ScopeHost } from './scope-host.js';
import type { TaskOptions } from './task-options.js';
import type { TaskOutcome, TaskStatus } from './task-outcome.js';
import type { TaskPhase, TaskResponse } from './task.js';

/** How a handler ended. */
export interface RouteEnd {
  /** For after-route tasks. */
  readonly failed: boolean;
  /** Whether it failed with an error. */
  readonly threw: boolean;
  /** Whether its error decides for after-response tasks too, whatever the response says. */
  readonly decides?: boolean | undefined;
}

/** How the response of a unit of work ended. */
export interface ResponseEnd {
  /** `undefined` when the response says nothing about it and the route's end decides. */
  readonly succeeded: boolean | undefined;
  readonly response?: TaskResponse | undefined;
}

/** What a route needs of its unit of work. */
export interface RouteScope {
  readonly unsettled: readonly ScheduledTask[];
  readonly responseEnd: ResponseEnd | undefined;
  add(task: ScheduledTask): void;
  remove(task: ScheduledTask): void;
  routeEnded(): void;
}

/** Known once the after-route tasks are done. */
interface EarlyVerdict {
  verdict: RouteVerdict | undefined;
}

/**
 * One call of a handler, and the tasks that were scheduled in it. Its end releases
 * its after-route tasks; its end and that of the response, whichever is later, its
 * after-response tasks.
 */
export class TaskRoute implements TaskHome {
  readonly #host: ScopeHost;
  readonly #scope: RouteScope;
  readonly #queues: Partial<Record<TaskPhase, PhaseQueue>> = {};
  #drain: AfterRouteDrain | undefined;
  #formerDrain: AfterRouteDrain | undefined;
  #isRunning = false;
  #end: RouteEnd | undefined;
  /** All its tasks, when the response waits for everything. */
  readonly #all: Set<ScheduledTask> | undefined;
  /** How after-response tasks are judged that do not wait for the response. */
  #early: EarlyVerdict | undefined;
  #warnedOfLateTask = false;

  constructor(host: ScopeHost, scope: RouteScope) {
    this.#host = host;
    this.#scope = scope;
    if (host.afterRoute.awaited === 'everything') this.#all = new Set();
  }

  get resources(): AppResources {
    return this.#host.resources;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  schedule<A extends unknown[], R>(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
    declared?: DeclaredTask,
  ): ScheduledTask<A, R> {
    const task = new ScheduledTask<A, R>(
      phase,
      fn,
      args,
      options,
      this,
      declared,
    );
    if (this.#accept(task)) this.#queueOf(phase).push(task);
    return task;
  }

  /** Schedules a task that an engine is to store. */
  scheduleDurable<A extends unknown[], R>(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
    declared: DeclaredTask,
    payload: string,
  ): DurableTask<A, R> {
    const task = new DurableTask<A, R>(
      phase,
      fn,
      args,
      options,
      this,
      declared,
    );
    task.payload = payload;
    if (!this.#accept(task)) return task;
    // Once the caller goes on, its transaction may be over.
    if (options.transaction !== undefined) this.#host.submit(task);
    else this.#queueOf(phase).push(task);
    return task;
  }

  /** Takes on a task that began elsewhere; says whether it is to be run. */
  resume(task: ScheduledTask): boolean {
    return this.#accept(task);
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
    const queued = this.#scope.unsettled.filter(
      (task) =>
        task.phase === phase &&
        task.name === name &&
        task.status === 'scheduled' &&
        task.attempt === 0,
    );
    return queued.filter((task) => task.cancel()).length;
  }

  /** The handler starts: after-response tasks wait for its end too. */
  start(): void {
    this.#isRunning = true;
    if (!this.#end) return;
    // The connection was gone before the handler started: its tasks wait for it all the same.
    this.#end = undefined;
    this.#early = undefined;
    this.#queues.afterRoute?.hold();
    this.#queues.afterResponse?.hold();
    this.#formerDrain = this.#drain;
    this.#drain = undefined;
  }

  /**
   * The handler is done: releases the after-route tasks. The promise says when the
   * response may go out; it is `undefined` when it may at once.
   *
   * @throws (rejects with) the error of a required task that failed
   */
  end(end: RouteEnd): Promise<void> | undefined {
    this.#isRunning = false;
    this.#releaseAfterRoute(end);
    const drained = this.#drain?.begin();
    if (this.#all) return this.#endWithAll(this.#all, end, drained);
    this.#releaseAfterResponse();
    this.#scope.routeEnded();
    return drained;
  }

  /** The response has ended: releases the after-response tasks, once the handler is done too. */
  responseEnded({ succeeded }: ResponseEnd): void {
    if (this.#isRunning) return;
    if (!this.#end) {
      // No handler ran, as when a guard rejects.
      const failed = succeeded === false;
      this.#releaseAfterRoute({ failed, threw: failed });
      this.#drain?.beginUnawaited();
    }
    this.#releaseAfterResponse();
  }

  due(task: ScheduledTask, verdict: RouteVerdict): void {
    const { phase, options } = task;
    const { runOn = 'success' } = options;
    if (phase === 'afterResponse') {
      const response = this.#scope.responseEnd?.response;
      if (response) task.responseEnded(response);
    }
    if (phase === 'immediate' || runOn === 'always' || runOn === verdict) {
      this.#host.submit(task);
    } else {
      const reason = `runOn is '${runOn}', and the route ended in ${verdict}`;
      task.settle({ status: 'skipped', reason });
    }
  }

  started(task: ScheduledTask): void {
    this.#host.taskStarted(task);
  }

  retrying(task: ScheduledTask, error: Error): void {
    this.#host.taskRetrying(task, error);
  }

  settled(task: ScheduledTask, outcome: TaskOutcome, before: TaskStatus): void {
    this.#scope.remove(task);
    this.#host.taskSettled(task, outcome, before);
    if (task.phase !== 'afterRoute') return;
    this.#drain?.settled(task, outcome);
    this.#formerDrain?.settled(task, outcome);
  }

  /** The response waits for everything, so that nothing can wait for the response. */
  async #endWithAll(
    all: Set<ScheduledTask>,
    end: RouteEnd,
    drained: Promise<void> | undefined,
  ): Promise<void> {
    const early: EarlyVerdict = { verdict: undefined };
    this.#early = early;
    try {
      await drained;
      early.verdict = verdictOf(!end.failed);
    } catch (error) {
      early.verdict = 'failure';
      throw error;
    } finally {
      this.#releaseAfterResponse();
      this.#scope.routeEnded();
      // Again, as tasks may have scheduled further ones.
      for (let known = -1; known < all.size;) {
        known = all.size;
        await Promise.all([...all].map((task) => task.settled()));
        await this.#host.handled(all);
      }
      all.clear();
    }
  }

  /** Makes a task one of this route, unless it settles in doing so. */
  #accept(task: ScheduledTask): boolean {
    this.#scope.add(task);
    this.#all?.add(task);
    // No response waits for what was scheduled elsewhere.
    if (task.phase === 'afterRoute' && !task.isResumed) {
      this.#warnWhenLate();
      const { clock, afterRoute, log } = this.#host;
      this.#drain ??= new AfterRouteDrain(clock, afterRoute, log);
      this.#drain.scheduled(task);
    }
    this.#host.taskScheduled(task);
    const reason = this.#host.refusal(task);
    if (reason) task.settle({ status: 'dropped', reason });
    task.linkSignal();
    return !task.isSettled;
  }

  #queueOf(phase: TaskPhase): PhaseQueue {
    return (this.#queues[phase] ??= new PhaseQueue(
      this.#host.due,
      this.#verdictFor(phase),
    ));
  }

  /** How the tasks of a phase are judged; `undefined` while they are held. */
  #verdictFor(phase: TaskPhase): RouteVerdict | undefined {
    switch (phase) {
      case 'immediate':
        return 'success';
      case 'afterRoute':
        return this.#end && verdictOf(!this.#end.failed);
      case 'afterResponse':
        return this.#afterResponseVerdict();
    }
  }

  #warnWhenLate(): void {
    if (this.#warnedOfLateTask || !this.#end) return;
    if (this.#drain && !this.#drain.isOver) return;
    this.#warnedOfLateTask = true;
    this.#host.log.warn(
      'An after-route task was scheduled when the route was done already; it starts at once. ' +
        'Await what schedules it in the handler, or use `tasks.afterResponse`.',
    );
  }

  #releaseAfterRoute(end: RouteEnd): void {
    this.#end = end;
    this.#queues.afterRoute?.release(verdictOf(!end.failed));
  }

  #releaseAfterResponse(): void {
    const verdict = this.#afterResponseVerdict();
    if (verdict) this.#queues.afterResponse?.release(verdict);
  }

  /** `undefined` until both the handler and the response have ended, or the latter is not waited for. */
  #afterResponseVerdict(): RouteVerdict | undefined {
    if (this.#early) return this.#early.verdict;
    const { responseEnd } = this.#scope;
    if (!responseEnd || !this.#end) return undefined;
    const { succeeded } = responseEnd;
    const { threw, decides } = this.#end;
    return verdictOf(decides || succeeded === undefined ? !threw : succeeded);
  }
}

function verdictOf(succeeded: boolean): RouteVerdict {
  return succeeded ? 'success' : 'failure';
}
