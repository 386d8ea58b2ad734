import { nextMicrotask } from '../base/clock.js';
import { DurableTask } from '../running/durable-task.js';
import type { ScheduledTask, TaskHome } from '../running/scheduled-task.js';
import { WaitingTask } from '../running/waiting-task.js';
import type { InjectionScope } from '../task/declared-task.js';
import type { TaskOutcome, TaskStatus } from '../task/task-outcome.js';
import type { RouteVerdict, TaskPhase } from '../task/task-phase.js';
import { AfterRouteDrain } from './after-route-drain.js';
import { PhaseQueue } from './phase-queue.js';
import { skipUnlessRunOn } from './run-on.js';
import {
  failedInDrain,
  finalVerdict,
  verdictOf,
  type ResponseEnd,
  type RouteEnd,
} from './route-end.js';
import type { RouteScope, ScopeHost } from './scope-host.js';

/**
 * One call of a handler, and the tasks that are scheduled in it. Its end releases its
 * after-route tasks. It has settled when the response need not wait for these any more;
 * that and the end of the response, whichever is later, release its after-response tasks.
 */
export class TaskRoute implements TaskHome {
  /** What request-scoped providers are resolved for, if it is a unit of work. */
  readonly injection: InjectionScope | undefined;
  readonly scope: RouteScope;
  protected readonly host: ScopeHost;
  #afterRoute: PhaseQueue | undefined;
  #afterResponse: PhaseQueue | undefined;
  #drain: AfterRouteDrain | undefined;
  #formerDrain: AfterRouteDrain | undefined;
  /** From the start of the handler until the route has settled. */
  #isRunning = false;
  #isDeferred = false;
  #isRepeated = false;
  #end: RouteEnd | undefined;
  #warnedOfLateTask = false;

  constructor(
    host: ScopeHost,
    scope: RouteScope,
    injection: InjectionScope | undefined,
  ) {
    this.host = host;
    this.scope = scope;
    this.injection = injection;
  }

  get resources(): object {
    return this.host.resources;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Accepts a task, which runs when its phase is released. */
  accept(task: ScheduledTask): void {
    if (!this.register(task)) return;
    // The transaction may be over as soon as the caller continues.
    if (task.options.transaction !== undefined) this.#submit(task);
    else this.#enqueue(task);
  }

  /** Accepts a task whose work is already running. */
  follow(task: ScheduledTask): void {
    if (this.register(task)) nextMicrotask(() => this.host.runner.follow(task));
  }

  /** Accepts a task that started in another process. `false` when it must not run. */
  resume(task: ScheduledTask): boolean {
    return this.register(task);
  }

  /** Cancels the tasks of this name and phase that have not started; returns how many. */
  cancel(phase: TaskPhase, name: string): number {
    return this.scope.cancel(phase, name);
  }

  /** The handler starts: from now on after-response tasks wait for its end too. */
  start(): void {
    this.host.watches.current?.handlerStarted(this.scope);
    this.#isRunning = true;
    this.#isDeferred = false;
    if (!this.#end) return this.#drain?.handlerStarted();
    // The connection closed before the handler started. Its tasks wait for it all the same.
    this.#end = undefined;
    this.#afterRoute?.hold();
    this.#afterResponse?.hold();
    this.#formerDrain = this.#drain;
    this.#drain = undefined;
  }

  /**
   * The handler is done: releases the after-route tasks. The promise resolves when the
   * response may be sent; it is `undefined` when it may be sent at once.
   *
   * @throws (rejects with) the error of a required task that failed
   */
  end(end: RouteEnd): Promise<void> | undefined {
    const drained = this.endHandler(end);
    drained?.then(
      () => this.#drained(end),
      () => this.#drained(end, failedInDrain(end)),
    );
    if (!drained) this.settle();
    return drained;
  }

  /** The handler may go on, with another start; if it does not, it ends with the response. */
  defer(): void {
    this.#isDeferred = true;
  }

  /**
   * The handler is called again, in a route of its own. What this call threw, no response
   * will show.
   */
  repeat(): void {
    this.#isRepeated = true;
  }

  /** The response has ended: releases the after-response tasks once the route has settled too. */
  responseEnded({ succeeded }: ResponseEnd): void {
    if (this.#isRunning && !this.#isDeferred) return;
    if (!this.#end) {
      // No handler ran, as when a guard rejects.
      const failed = succeeded === false;
      void this.endHandler({ failed, threw: failed, isUnawaited: true });
    }
    this.#isRunning = false;
    this.releaseAfterResponse();
  }

  forgo(task: ScheduledTask): void {
    this.#drain?.forgo(task);
    this.#formerDrain?.forgo(task);
  }

  due(task: ScheduledTask, verdict: RouteVerdict): void {
    const response = this.scope.responseEnd?.response;
    if (response && task.phase === 'afterResponse') task.response = response;
    skipUnlessRunOn(verdict, task);
    if (!task.isSettled) this.#submit(task);
  }

  started(task: ScheduledTask): void {
    this.host.taskStarted(task);
  }

  retrying(task: ScheduledTask, error: Error): void {
    this.host.taskRetrying(task, error);
  }

  settled(task: ScheduledTask, outcome: TaskOutcome, before: TaskStatus): void {
    this.scope.remove(task);
    this.host.taskSettled(task, outcome, before);
    this.host.watches.current?.taskSettled(this.scope, task, outcome);
    if (task.phase !== 'afterRoute') return;
    this.#drain?.settled(task, outcome);
    this.#formerDrain?.settled(task, outcome);
  }

  /** Makes a task one of this route. `false` when it has settled in doing so. */
  protected register(task: ScheduledTask): boolean {
    const { host } = this;
    this.scope.add(task);
    // No response waits for what was scheduled in another process.
    if (task.phase === 'afterRoute' && !task.isResumed) {
      this.#warnWhenLate(task);
      this.#drain ??= new AfterRouteDrain(host);
      this.#drain.scheduled(task, this.#isRunning);
    }
    host.taskScheduled(task);
    host.watches.current?.taskScheduled(this.scope, task);
    const reason = host.refusal(task);
    if (reason) task.settle({ status: 'dropped', reason });
    task.linkSignal();
    return !task.isSettled;
  }

  protected endHandler(end: RouteEnd): Promise<void> | undefined {
    this.host.watches.current?.handlerEnded(this.scope, end);
    this.#isRunning = true;
    this.#end = end;
    this.#afterRoute?.release(verdictOf(!end.failed));
    return this.#drain?.begin(!end.isUnawaited);
  }

  protected settle(): void {
    this.#isRunning = false;
    this.releaseAfterResponse();
    this.scope.routeSettled();
  }

  protected releaseAfterResponse(): void {
    const verdict = this.afterResponseVerdict();
    if (verdict) this.#afterResponse?.release(verdict);
  }

  /** `undefined` until the route has settled and the response has ended. */
  protected afterResponseVerdict(): RouteVerdict | undefined {
    const { responseEnd } = this.scope;
    if (!responseEnd || !this.#end || this.#isRunning) return undefined;
    if (this.#isRepeated && this.#end.threw) return 'failure';
    return finalVerdict(this.#end, responseEnd);
  }

  // The handler may have started again before the drain was over.
  #drained(end: RouteEnd, settled = end): void {
    if (this.#end !== end) return;
    this.#end = settled;
    this.settle();
  }

  #submit(task: ScheduledTask): void {
    const { host } = this;
    if (task instanceof DurableTask && host.durable) host.durable.store(task);
    else host.run(task);
  }

  /** An immediate task is due at once, the others when their phase is released. */
  #enqueue(task: ScheduledTask): void {
    const { due } = this.host;
    if (task.phase === 'immediate') {
      due.push(new WaitingTask(task), 'success');
    } else if (task.phase === 'afterRoute') {
      const verdict = this.#end && verdictOf(!this.#end.failed);
      (this.#afterRoute ??= new PhaseQueue(due, verdict)).push(task);
    } else {
      this.#afterResponse ??= new PhaseQueue(due, this.afterResponseVerdict());
      this.#afterResponse.push(task);
    }
  }

  #warnWhenLate(task: ScheduledTask): void {
    if (this.#warnedOfLateTask || !this.#end) return;
    if (this.#drain && !this.#drain.isOver) return;
    this.#warnedOfLateTask = true;
    this.host.incidents.scheduledAfterRoute(task);
  }
}
