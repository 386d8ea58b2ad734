import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RouteEnd } from '../core/task-route.js';
import type { TaskScope } from '../core/task-scope.js';
import { onConnectionClose } from './response-turn.js';

/** A response over HTTP/2 is one of the streams of its connection. */
interface MaybeStream {
  readonly stream?: { readonly aborted: boolean };
}

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
    const queue = queueOf(response);
    if (
      response.writableFinished ||
      response.closed ||
      response.destroyed ||
      queue?.destroyed
    ) {
      // Listeners would come too late.
      this.#ended(response.writableFinished);
      return;
    }
    const end = (isFinished: boolean) => {
      response.off('finish', onFinish);
      response.off('close', onClose);
      stop?.();
      this.#ended(isFinished && !isBroken(response));
    };
    const onFinish = () => end(true);
    const onClose = () => end(response.writableFinished);
    const stop = queue && onConnectionClose(queue, onClose);
    response.on('finish', onFinish);
    response.on('close', onClose);
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

/** The connection of a response that waits for others there, and is not told of its end. */
function queueOf({ req, socket }: ServerResponse): Socket | undefined {
  const connection = req.socket as Socket | undefined;
  return socket === null && connection?.on ? connection : undefined;
}

/**
 * Node tells of the end of a response also when a broken connection, or a client that
 * cancels over HTTP/2, took the rest. Injected requests have no connection.
 */
function isBroken(response: ServerResponse & MaybeStream): boolean {
  const { socket } = response.req as { socket?: Socket };
  return Boolean(response.stream?.aborted ?? socket?.errored);
}
