import type { TaskRuntime } from '../../core/app/task-runtime.js';
import { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { SchedulingScope } from '../../core/scheduling/scheduling-scope.js';
import type { TaskRoute } from '../../core/scope/task-route.js';
import type { HandlerCall } from './handler-call.js';
import type { InjectionContext } from './injection-context.js';

/** The message that a call belongs to. */
export interface MessageHost {
  readonly app: TaskRuntime;
  context(): InjectionContext;
  /** The route of a message whose handler has not started is not open. */
  route(): TaskRoute;
  /** The run that a call which starts now is a part of. */
  currentRun(): MessageRun;
  runStarted(): void;
  runSettled(): void;
}

/** The calls of the handlers of a message, which are over together. */
export class MessageRun {
  readonly route: TaskRoute;
  readonly #host: MessageHost;
  #running = 0;
  #threw = false;

  constructor(host: MessageHost, route: TaskRoute) {
    this.#host = host;
    this.route = route;
  }

  start(): void {
    this.#running += 1;
    if (this.#running > 1) return;
    this.#host.runStarted();
    this.route.start();
  }

  end(threw: boolean, isUnawaited: boolean): Promise<void> | undefined {
    this.#running -= 1;
    this.#threw ||= threw;
    if (this.#running > 0) return undefined;
    const drained = this.route.end({
      failed: this.#threw,
      threw: this.#threw,
      isUnawaited,
    });
    const settled = () => this.#host.runSettled();
    if (drained) drained.then(settled, settled);
    else settled();
    return drained;
  }
}

/** One call of one of the handlers of a message. */
export class MessageCall implements HandlerCall, SchedulingScope {
  readonly app: TaskRuntime;
  readonly handler: object;
  readonly tasks: RouteScheduler;
  readonly #host: MessageHost;
  #run: MessageRun | undefined;
  #unlessCalled: NodeJS.Immediate | undefined;

  constructor(host: MessageHost, handler: object) {
    this.app = host.app;
    this.#host = host;
    this.handler = handler;
    this.tasks = new RouteScheduler(this);
  }

  get hasStarted(): boolean {
    return this.#run !== undefined;
  }

  route(): TaskRoute {
    return this.#run?.route ?? this.#host.route();
  }

  context(): InjectionContext {
    return this.#host.context();
  }

  start(): void {
    if (this.#unlessCalled) return this.#goOn();
    this.#run ??= this.#host.currentRun();
    this.#run.start();
  }

  defer(): void {
    // No event reports the reply.
    this.#unlessCalled = setImmediate(() => {
      this.#unlessCalled = undefined;
      void this.end(false, true);
    });
  }

  end(threw: boolean, isUnawaited: boolean): Promise<void> | undefined {
    return this.#run?.end(threw, isUnawaited);
  }

  #goOn(): void {
    clearImmediate(this.#unlessCalled);
    this.#unlessCalled = undefined;
  }
}
