import type { ServerResponse } from 'node:http';
import type { RouteEnd } from '../core/task-route.js';
import type { TaskScope } from '../core/task-scope.js';

/**
 * Tells the scope when its response has ended: handed over whole to the operating
 * system (`finish`), or cut off by a closed connection (`close` alone).
 */
export class ResponseLifecycle {
  readonly #scope: TaskScope;
  readonly #response: ServerResponse;
  #isAttached = false;
  #isRouteOver = false;

  constructor(scope: TaskScope, response: ServerResponse) {
    this.#scope = scope;
    this.#response = response;
  }

  /** Listens to the response, from the first time on that something is scheduled. */
  attach(): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    const response = this.#response;
    if (response.writableFinished || response.closed || response.destroyed) {
      // Listeners would come too late.
      this.#ended(response.writableFinished);
      return;
    }
    const onEnd = () => {
      response.off('finish', onEnd);
      response.off('close', onEnd);
      // Node tells of the end of a response also when a broken connection took the rest.
      this.#ended(response.writableFinished && !response.req.socket.errored);
    };
    response.on('finish', onEnd);
    response.on('close', onEnd);
  }

  /** How the handler ended, seen together with what has been sent so far. */
  routeEnd(threw: boolean): RouteEnd {
    this.#isRouteOver = true;
    return {
      failed: threw || this.#response.statusCode >= 400,
      threw,
      // An error after the headers, or after the connection, never becomes a status.
      decides: threw && this.#response.headersSent,
    };
  }

  #ended(delivered: boolean): void {
    const { statusCode } = this.#response;
    const hasStatus = delivered || this.#isRouteOver;
    this.#scope.responseEnded({
      succeeded: hasStatus ? statusCode < 400 : undefined,
      response: { statusCode, delivered },
    });
  }
}
