import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** How a peer answers from now on. */
export interface PeerBehaviour {
  /** How long it takes over an answer. */
  readonly delayMs: number;
  /** 200 is a success. */
  readonly status: number;
}

export interface PeerAnswer {
  readonly status: number;
  readonly body: unknown;
}

const WELL_BEHAVED: PeerBehaviour = { delayMs: 0, status: 200 };

/**
 * A service outside the application, as an HTTP server of its own: it answers
 * every POST and keeps what it received. `PUT /control/behaviour` makes it slow or
 * broken, `GET /control/received` reads what it got.
 */
export class Peer {
  received: ReceivedRequest[] = [];
  behaviour = WELL_BEHAVED;

  #resumed: Promise<void> | undefined;
  readonly #server: Server;
  readonly #answerTo: (body: unknown) => PeerAnswer;

  constructor(answerTo: (body: unknown) => PeerAnswer) {
    this.#answerTo = answerTo;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port and gives the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Keeps all answers back until the function that it gives is called. */
  pause(): () => void {
    let resume = () => {};
    this.#resumed = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  reset(): void {
    this.received = [];
    this.behaviour = WELL_BEHAVED;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const path = request.url ?? '/';
    switch (`${request.method} ${path}`) {
      case 'GET /control/received':
        return send(response, { status: 200, body: this.received });
      case 'PUT /control/behaviour':
        this.behaviour = {
          ...WELL_BEHAVED,
          ...((await json(request)) as Partial<PeerBehaviour>),
        };
        return send(response, { status: 200, body: this.behaviour });
    }
    const body = await json(request);
    const { authorization } = request.headers;
    this.received.push({ path, authorization, body });
    await this.#resumed;
    const { delayMs, status } = this.behaviour;
    const answer =
      status === 200
        ? this.#answerTo(body)
        : { status, body: { error: 'out_of_order' } };
    const timer = setTimeout(() => send(response, answer), delayMs);
    response.once('close', () => clearTimeout(timer));
  }
}

function send(response: ServerResponse, { status, body }: PeerAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
