import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Node shows on a connection the response whose turn it is, of those to pipelined requests. */
type Connection = Socket & { readonly _httpMessage?: ServerResponse | null };

/** The response to a request: Express puts it on the request, Node on the connection in its turn. */
export function responseOf(
  request: IncomingMessage & { readonly res?: ServerResponse },
): ServerResponse | undefined {
  if (request.res) return request.res;
  const current = currentOf(request);
  return current?.req === request ? current : undefined;
}

/** Whether a request waits for others on its connection to be answered. */
export function isQueued(request: IncomingMessage): boolean {
  const current = currentOf(request);
  return !!current && current.req !== request;
}

/**
 * Tells when the response to a queued request has its turn, or when the connection is
 * lost before.
 */
export function onTurn(request: IncomingMessage, tell: () => void): void {
  const { socket } = request;
  if (socket.destroyed || !isQueued(request)) {
    tell();
    return;
  }
  const stop = queueOf(socket).wait(() => {
    if (!socket.destroyed && isQueued(request)) return;
    stop();
    tell();
  });
}

/** Tells when a connection is lost: a response that has not had its turn never does. */
export function onConnectionClose(
  connection: Socket,
  tell: () => void,
): () => void {
  const stop = queueOf(connection).wait(() => {
    if (!connection.destroyed) return;
    stop();
    tell();
  });
  return stop;
}

/**
 * Who waits on a connection, told whenever a response there has ended and when it is
 * closed: by one listener each, however many requests are pipelined.
 */
class ResponseQueue {
  readonly #connection: Connection;
  readonly #waiting = new Set<() => void>();
  #watched: ServerResponse | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.once('close', () => this.#tell());
  }

  wait(tell: () => void): () => void {
    this.#waiting.add(tell);
    this.#watch();
    return () => void this.#waiting.delete(tell);
  }

  #watch(): void {
    const current = this.#connection._httpMessage ?? undefined;
    if (!current || current === this.#watched) return;
    this.#watched = current;
    // Node's own listener comes first, and gives the turn to the next one.
    current.once('finish', () => {
      this.#tell();
      if (this.#waiting.size > 0) this.#watch();
    });
  }

  #tell(): void {
    for (const tell of this.#waiting) tell();
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
