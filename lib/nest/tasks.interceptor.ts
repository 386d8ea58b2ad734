import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import { carrierOfContext } from './execution-carrier.js';
import type { RequestScope, RequestScopes } from './request-scopes.js';
import { REQUEST_SCOPES } from './tasks.tokens.js';

/** What `@Sse()` marks a handler with. */
const SSE_METADATA = '__sse__';

/**
 * Tells the scope when the handler starts and ends, and holds the response until
 * the after-route tasks are drained. It is bound innermost, to the handlers that
 * use tasks, so that what it sees is the handler's own result.
 */
@Injectable()
export class TasksInterceptor implements NestInterceptor {
  readonly #scopes: RequestScopes | undefined;

  // Without the module it has nothing to do: the pipe of @Tasks() says what is missing.
  constructor(@Optional() @Inject(REQUEST_SCOPES) scopes?: RequestScopes) {
    this.#scopes = scopes;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.#scopes || context.getType() !== 'http') return next.handle();
    const scope = this.#scopes.of(carrierOfContext(context));
    const isStream = Reflect.hasMetadata(SSE_METADATA, context.getHandler());
    return new Observable((subscriber) => {
      scope.routeStarted();
      return drainAfter(next.handle(), scope, subscriber, isStream);
    });
  }
}

/** Passes on all that the handler gives; its end waits for the drain, unless it is that of a stream. */
function drainAfter(
  result: Observable<unknown>,
  scope: RequestScope,
  subscriber: Subscriber<unknown>,
  isStream: boolean,
): () => void {
  let isOver = false;
  const endRoute = (threw: boolean, pass: () => void) => {
    isOver = true;
    const drained = scope.routeEnded(threw);
    if (!drained) return pass();
    if (isStream) {
      // Nobody can be told any more; the failure itself is reported as any other.
      drained.catch(() => {});
      return pass();
    }
    // The handler's own error answers, whatever the required tasks say.
    drained.then(pass, (error: unknown) =>
      threw ? pass() : subscriber.error(error),
    );
  };
  const subscription = result.subscribe({
    next: (value) => subscriber.next(value),
    error: (error: unknown) => endRoute(true, () => subscriber.error(error)),
    complete: () => endRoute(false, () => subscriber.complete()),
  });
  return () => {
    subscription.unsubscribe();
    // Torn down before its end, as when the client of a stream leaves.
    if (!isOver) endRoute(false, () => {});
  };
}
