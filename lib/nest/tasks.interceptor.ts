import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import { drainAfter } from './handler-call.js';
import { isStreamHandler } from './handler-metadata.js';
import { HandlerTasks } from './handler-tasks.js';
import type { TaskScopes } from './task-scopes.js';
import { TASK_SCOPES } from './tasks.tokens.js';

/**
 * Tells the start and the end of handlers that may get at a `TasksService`. It is
 * bound innermost, so that what it sees is the handler's own result. Handlers with
 * `@Tasks()` do without it.
 */
@Injectable()
export class TasksInterceptor implements NestInterceptor {
  readonly #scopes: TaskScopes | undefined;

  // Applications may share the class of a controller, and with it this enhancer.
  constructor(@Optional() @Inject(TASK_SCOPES) scopes?: TaskScopes) {
    this.#scopes = scopes;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const call = HandlerTasks.callOf(this.#scopes?.ofContext(context));
    if (!call) return next.handle();
    const isStream = isStreamHandler(context.getHandler() as never);
    return new Observable((subscriber) => {
      call.start();
      return drainAfter(next.handle(), call, isStream).subscribe(subscriber);
    });
  }
}
