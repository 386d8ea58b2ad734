import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import { runWithTasks } from './current-tasks.js';
import { drainAfter } from './handler-call.js';
import { isStreamHandler, isWrapped } from './handler-metadata.js';
import { HandlerTasks } from './handler-tasks.js';
import type { TaskScopes } from './task-scopes.js';
import { TASK_SCOPES } from './tasks.tokens.js';

/**
 * Tells the start and the end of handlers that may get at a `TasksService`, and gives
 * `currentTasks()` what it finds. It is bound innermost, so that what it sees is the
 * handler's own result. Handlers with `@Tasks()` tell of themselves.
 */
@Injectable()
export class TasksInterceptor implements NestInterceptor {
  readonly #scopes: TaskScopes | undefined;

  // Applications may share the class of a controller, and with it this enhancer.
  constructor(@Optional() @Inject(TASK_SCOPES) scopes?: TaskScopes) {
    this.#scopes = scopes;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.#scopes) return next.handle();
    const { isAmbient } = this.#scopes;
    const tasks = this.#scopes.ofContext(context);
    return isAmbient
      ? runWithTasks(tasks, () => tellOf(context, next, tasks))
      : tellOf(context, next, tasks);
  }
}

function tellOf(
  context: ExecutionContext,
  next: CallHandler,
  tasks: HandlerTasks,
): Observable<unknown> {
  const handler = context.getHandler();
  const call = HandlerTasks.callOf(tasks);
  // Nest keeps the async context of this call for when it is subscribed to.
  const result = next.handle() as Observable<unknown>;
  if (!call || isWrapped(handler)) return result;
  const isStream = isStreamHandler(handler);
  return new Observable((subscriber) => {
    call.start();
    return drainAfter(result, call, isStream).subscribe(subscriber);
  });
}
