import { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import type { SchedulingScope } from '../../core/scheduling/scheduling-scope.js';

/**
 * One call of a handler, which reports its start and the completion of its result.
 * Calls nest when a handler passes its tasks on to another handler.
 */
export interface HandlerCall {
  start(): void;
  /**
   * The handler has returned something that an interceptor may call: the call goes on
   * with that, which starts it again, or ends when nobody does.
   */
  defer(): void;
  /**
   * Releases the after-route tasks. The promise resolves when the handler's result may
   * be sent; without one, it may be sent at once.
   *
   * @param isUnawaited whether the client cannot be made to wait, as that of a stream
   * @throws (rejects with) the error of a required task that failed
   */
  end(threw: boolean, isUnawaited: boolean): Promise<void> | undefined;
}

/**
 * The call that an argument belongs to, if `@Tasks()` injected that argument: its tasks are
 * scheduled in the call.
 */
export function handlerCallOf(argument: unknown): HandlerCall | undefined {
  const scope = RouteScheduler.scopeOf(argument);
  return scope && 'defer' in scope
    ? (scope as SchedulingScope & HandlerCall)
    : undefined;
}
