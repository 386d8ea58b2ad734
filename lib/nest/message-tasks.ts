import type { TaskRuntime } from '../core/task-runtime.js';
import { HandlerTasks } from './handler-tasks.js';

/**
 * The tasks of one message: a unit of work whose response is the reply, or the
 * acknowledgement, that is handed over when the handler is done.
 */
export function openMessageTasks(runtime: TaskRuntime): HandlerTasks {
  const scope = runtime.openScope();
  const route = scope.openRoute();
  // What Nest does with the result until the reply is handed over takes no further turn.
  const responded = (succeeded?: boolean) =>
    void setImmediate(() => scope.responseEnded({ succeeded }));
  return new HandlerTasks(
    {
      start: () => route.start(),
      end(threw) {
        const drained = route.end({ failed: threw, threw });
        if (!drained) responded();
        else
          drained.then(
            () => responded(),
            () => responded(false),
          );
        return drained;
      },
    },
    () => route,
    runtime.settings.defaults,
  );
}
