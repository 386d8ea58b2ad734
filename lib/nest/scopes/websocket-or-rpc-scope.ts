import type { ExecutionContext } from '@nestjs/common';
import { TaskScopeMissingError } from '../../core/base/errors.js';
import type { TaskRoute } from '../../core/scope/task-route.js';
import type { TaskRuntime } from '../../core/app/task-runtime.js';
import { nameOfFunction } from '../../core/base/describe.js';
import type { SchedulingScope } from '../../core/scheduling/scheduling-scope.js';
import type { ScopeOrigin } from '../../core/scope/scope-watch.js';
import type { TaskScope } from '../../core/scope/task-scope.js';
import { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { Tasks } from '../../core/scheduling/tasks.js';
import { InjectionContext } from './injection-context.js';
import { MessageCall, MessageRun, type MessageHost } from './message-call.js';
import { MessageRequest } from './message-request.js';

/** A message of a microservice or a WebSocket, or an event of a subscription. */
export interface MessageOrigin {
  readonly kind: 'message';
  /** An object that only this message has; WebSocket messages have none. */
  readonly key: object | undefined;
  /** The value that is injected as `REQUEST`. */
  readonly injected: unknown;
}

/** The message of a microservice, identified by its context. */
export function microserviceMessage(context: ExecutionContext): MessageOrigin {
  return {
    kind: 'message',
    key: objectOrNone(context.switchToRpc().getContext()),
    injected: new MessageRequest(context),
  };
}

/** A message of a WebSocket, or an event of a subscription, which has no object of its own. */
export function webSocketMessage(injected: unknown): MessageOrigin {
  return { kind: 'message', key: undefined, injected };
}

/**
 * The scope of one message of a microservice or a WebSocket. Its response is the reply,
 * or the acknowledgement, which is handed over when the handler is done. Several
 * handlers may receive the same event, in one run.
 */
export class WebSocketOrRpcScope
  implements MessageHost, SchedulingScope, ScopeOrigin
{
  readonly app: TaskRuntime;
  readonly #calls: MessageCall[] = [];
  #scope: TaskScope;
  /** The last one that has started. */
  #run: MessageRun | undefined;
  #isRepeated = false;
  #running = 0;
  #reply: NodeJS.Immediate | undefined;
  #tasks: RouteScheduler | undefined;
  #injected: unknown;
  #context: InjectionContext | undefined;

  constructor(runtime: TaskRuntime) {
    this.app = runtime;
    this.#scope = runtime.openScope(this);
  }

  /** Nest's own `REQUEST` may become known only after its stand-in, which it replaces. */
  update({ injected }: MessageOrigin): void {
    if (this.#injected && injected instanceof MessageRequest) return;
    this.#injected = injected;
  }

  /** By its handlers: what a message holds is the user's. */
  describe(): string {
    const handlers = this.#calls.map(({ handler }) => nameOfFunction(handler));
    return `message ${handlers.join(', ')}`;
  }

  /** The tasks of the message, for everything that its handlers use. */
  get tasks(): Tasks {
    return (this.#tasks ??= new RouteScheduler(this));
  }

  /** The tasks of the call of this handler that starts next: an interceptor may call it again. */
  openCall(handler: object): RouteScheduler {
    const index = this.#calls.findIndex((call) => call.handler === handler);
    const former = this.#calls[index];
    if (former && !former.hasStarted) return former.tasks;
    const call = new MessageCall(this, handler);
    if (former) {
      this.#calls[index] = call;
      this.#isRepeated = true;
    } else {
      this.#calls.push(call);
    }
    return call.tasks;
  }

  /**
   * @throws TaskScopeMissingError before the handler has started: if a guard rejected the
   * message, the end of the scope would never be reported
   */
  route(): TaskRoute {
    if (this.#run) return this.#run.route;
    throw new TaskScopeMissingError(
      'Tasks of a message cannot be scheduled before its handler starts, for example in a guard. ' +
        'Schedule in the handler, or inject AppTasks.',
    );
  }

  context(): InjectionContext {
    return (this.#context ??= new InjectionContext(() => this.#injected));
  }

  currentRun(): MessageRun {
    if (this.#run && !this.#isRepeated) return this.#run;
    this.#isRepeated = false;
    this.#run?.route.repeat();
    // The reply of a former call may have been handed over: this one has its own.
    if (this.#scope.responseEnd) this.#scope = this.app.openScope(this);
    return (this.#run = new MessageRun(this, this.#scope.openRoute(this)));
  }

  runStarted(): void {
    this.#running += 1;
    clearImmediate(this.#reply);
  }

  /**
   * Nest does not report when the reply has been handed over. That takes no further turn
   * of the event loop, unless replies of a stream wait for each other.
   */
  runSettled(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    const scope = this.#scope;
    this.#reply = setImmediate(() =>
      scope.responseEnded({ succeeded: undefined }),
    );
  }
}

function objectOrNone(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}
