import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface JsonRequest {
  /** Method and path. */
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** An answer, or a connection that breaks instead of one. */
export type JsonAnswer =
  { readonly status: number; readonly body: unknown } | 'hangUp';

type Handle = (request: JsonRequest) => JsonAnswer | Promise<JsonAnswer>;

/** A service outside the application, as an HTTP server of its own. */
export class JsonServer {
  readonly #server: Server;
  readonly #handle: Handle;

  constructor(handle: Handle) {
    this.#handle = handle;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port and gives the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const sent = await text(request);
    const answer = await this.#handle({
      route: `${request.method} ${request.url}`,
      headers: request.headers,
      body: sent === '' ? undefined : JSON.parse(sent),
    });
    if (answer === 'hangUp') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  }
}
