import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

type Handle = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/** A server on the loopback interface. When `handle` rejects, the connection is broken. */
export class HttpServer {
  /** Empty until it listens. */
  url = '';
  readonly #server: Server;

  constructor(handle: Handle) {
    this.#server = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port and returns the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    return this.url;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
