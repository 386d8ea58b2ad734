import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of the responses to pipelined requests, Node exposes the one whose turn it is. */
type Connection = Socket & { readonly _httpMessage?: ServerResponse | null };

/** The response to a request: Express sets it on the request, Node on the connection in its turn. */
export function responseOf(
  request: IncomingMessage & { readonly res?: ServerResponse },
): ServerResponse | undefined {
  if (request.res) return request.res;
  const current = currentOf(request);
  return current?.req === request ? current : undefined;
}

/** Whether earlier requests on the same connection are still to be answered. */
export function isQueued(request: IncomingMessage): boolean {
  const current = currentOf(request);
  return !!current && current.req !== request;
}

/**
 * Calls `listener` when it is the turn of the response to a queued request, or when the
 * connection is lost before that.
 */
export function onTurn(request: IncomingMessage, listener: () => void): void {
  const { socket } = request;
  if (socket.destroyed || !isQueued(request)) {
    listener();
    return;
  }
  const stop = queueOf(socket).listen(() => {
    if (!socket.destroyed && isQueued(request)) return;
    stop();
    listener();
  });
}

/**
 * Calls `listener` when a connection is lost, which a response that has not had its turn
 * does not emit. The returned function stops listening.
 */
export function onConnectionClose(
  connection: Socket,
  listener: () => void,
): () => void {
  const stop = queueOf(connection).listen(() => {
    if (!connection.destroyed) return;
    stop();
    listener();
  });
  return stop;
}

/**
 * The responses of one connection. Its listeners are called whenever a response has ended
 * and when the connection closes. Node's emitters get one listener each, however many
 * requests are pipelined.
 */
class ResponseQueue {
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  #watched: ServerResponse | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.once('close', () => this.#notify());
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#watch();
    return () => void this.#listeners.delete(listener);
  }

  #watch(): void {
    const current = this.#connection._httpMessage ?? undefined;
    if (!current || current === this.#watched) return;
    this.#watched = current;
    // With `finish`, Node passes the turn to the next response, which may end within it: the
    // end of this one, which is `close`, comes first.
    current.once('close', () => {
      this.#notify();
      if (this.#listeners.size > 0) this.#watch();
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

const queues = new WeakMap<Socket, ResponseQueue>();

function queueOf(connection: Connection): ResponseQueue {
  let queue = queues.get(connection);
  if (!queue) queues.set(connection, (queue = new ResponseQueue(connection)));
  return queue;
}

function currentOf(request: IncomingMessage): ServerResponse | undefined {
  return (request.socket as Connection | null)?._httpMessage ?? undefined;
}
