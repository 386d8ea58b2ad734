import { TaskScopeMissingError } from '../core/errors.js';
import type { TaskRoute } from '../core/task-route.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { SchedulingUnit } from '../core/task-scheduler.js';
import type { TaskScope } from '../core/task-scope.js';
import type { MessageCarrier } from './execution-carrier.js';
import type { HandlerCall } from './handler-call.js';
import { HandlerTasks } from './handler-tasks.js';
import { InjectionContext } from './injection-context.js';
import { MessageRequest } from './message-request.js';

/**
 * The handling of one message: a unit of work whose response is the reply, or the
 * acknowledgement, that is handed over when the handler is done. Several handlers may
 * hear of the same event.
 */
export class MessageCall implements HandlerCall, SchedulingUnit {
  readonly app: TaskRuntime;
  readonly tasks: HandlerTasks;
  readonly #scope: TaskScope;
  readonly #route: TaskRoute;
  #isStarted = false;
  #running = 0;
  #threw = false;
  #injected: unknown;
  #context: InjectionContext | undefined;

  constructor(runtime: TaskRuntime) {
    this.app = runtime;
    this.#scope = runtime.openScope();
    this.#route = this.#scope.openRoute();
    this.tasks = new HandlerTasks(this);
  }

  /** What Nest itself injects as `REQUEST` may become known only after its stand-in. */
  know({ injected }: MessageCarrier): void {
    if (this.#injected && injected instanceof MessageRequest) return;
    this.#injected = injected;
  }

  /** @throws TaskScopeMissingError before the handler: where it is kept from starting, nothing tells of an end */
  route(): TaskRoute {
    if (this.#isStarted) return this.#route;
    throw new TaskScopeMissingError(
      'Nothing can be scheduled for a message before its handler has started, as in a guard. ' +
        'Schedule in the handler, or inject AppTasks.',
    );
  }

  context(): InjectionContext {
    return (this.#context ??= new InjectionContext(() => this.#injected));
  }

  start(): void {
    this.#isStarted = true;
    this.#running += 1;
    if (this.#running === 1) this.#route.start();
  }

  end(threw: boolean): Promise<void> | undefined {
    this.#running -= 1;
    this.#threw ||= threw;
    if (this.#running > 0) return undefined;
    const drained = this.#route.end({
      failed: this.#threw,
      threw: this.#threw,
    });
    if (!drained) this.#responded();
    else
      drained.then(
        () => this.#responded(),
        () => this.#responded(false),
      );
    return drained;
  }

  /**
   * Nest does not tell when the reply is handed over. What it does until then takes no
   * further turn, unless replies of a stream wait for each other.
   */
  #responded(succeeded?: boolean): void {
    setImmediate(() => this.#scope.responseEnded({ succeeded }));
  }
}
