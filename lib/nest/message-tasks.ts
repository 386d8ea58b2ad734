import { TaskScopeMissingError } from '../core/errors.js';
import type { TaskRoute } from '../core/task-route.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { TaskScope } from '../core/task-scope.js';
import type { HandlerCall } from './handler-call.js';
import { HandlerTasks } from './handler-tasks.js';

/**
 * The tasks of one message: a unit of work whose response is the reply, or the
 * acknowledgement, that is handed over when the handler is done.
 */
export function openMessageTasks(runtime: TaskRuntime): HandlerTasks {
  const call = new MessageCall(runtime.openScope());
  return new HandlerTasks(
    call,
    () => call.startedRoute,
    runtime.settings.defaults,
  );
}

/** The handling of a message: several handlers may hear of the same event. */
class MessageCall implements HandlerCall {
  readonly #scope: TaskScope;
  readonly #route: TaskRoute;
  #isStarted = false;
  #running = 0;
  #threw = false;

  constructor(scope: TaskScope) {
    this.#scope = scope;
    this.#route = scope.openRoute();
  }

  /** @throws TaskScopeMissingError before the handler: where it is kept from starting, nothing tells of an end */
  get startedRoute(): TaskRoute {
    if (this.#isStarted) return this.#route;
    throw new TaskScopeMissingError(
      'Nothing can be scheduled for a message before its handler has started, as in a guard. ' +
        'Schedule in the handler, or inject AppTasks.',
    );
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
