import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import type { RouteScheduler } from '../../core/scheduling/route-scheduler.js';
import { runWithTasks } from '../scopes/current-tasks.js';
import { handlerCallOf } from '../scopes/handler-call.js';
import { ScopeFinder } from '../scopes/scope-finder.js';
import { isStreamHandler } from './handler-metadata.js';
import { drainAfter } from './run-handler.js';
import { isWrapped } from './wrap-handler.js';

/**
 * Reports the start and the end of handlers that may use a `TasksService`, and sets the
 * tasks that `currentTasks()` returns. It is bound innermost, so that it sees the
 * handler's own result. Handlers with `@Tasks()` report their own start and end.
 */
@Injectable()
export class TasksInterceptor implements NestInterceptor {
  readonly #scopes: ScopeFinder | undefined;

  // Optional, because an application without the module may share the controller's class.
  constructor(@Optional() @Inject(ScopeFinder) scopes?: ScopeFinder) {
    this.#scopes = scopes;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.#scopes) return next.handle();
    const { isAmbient } = this.#scopes;
    const tasks = this.#scopes.ofContext(context);
    return isAmbient
      ? runWithTasks(tasks, () => reported(context, next, tasks, tasks))
      : reported(context, next, tasks);
  }
}

/** The handler's result, with its start and end reported unless the handler does so itself. */
function reported(
  context: ExecutionContext,
  next: CallHandler,
  tasks: RouteScheduler,
  ambient?: RouteScheduler,
): Observable<unknown> {
  const handler = context.getHandler();
  const call = handlerCallOf(tasks);
  // Nest subscribes in the async context of this call.
  const result = next.handle() as Observable<unknown>;
  if (!call || isWrapped(handler)) return result;
  const isStream = isStreamHandler(handler);
  return new Observable((subscriber) => {
    call.start();
    return drainAfter(result, call, isStream, ambient).subscribe(subscriber);
  });
}
