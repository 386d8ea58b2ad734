import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { HttpServer, sendJson } from './http-server.js';

export interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** How a peer answers from now on. */
export interface PeerBehaviour {
  /** The delay before an answer. */
  readonly delayMs: number;
  /** Any status but 200 is a failure. */
  readonly status: number;
}

export interface PeerAnswer {
  readonly status: number;
  readonly body: unknown;
}

const WELL_BEHAVED: PeerBehaviour = { delayMs: 0, status: 200 };

const accept = (): PeerAnswer => ({ status: 200, body: { accepted: true } });

/**
 * A service that an application posts JSON to. It keeps what it receives. `PUT
 * /control/behaviour` makes it slow or lets it fail, and `GET /control/received` returns
 * what it has received.
 */
export class Peer {
  received: ReceivedRequest[] = [];
  behaviour = WELL_BEHAVED;

  #resumed: Promise<void> | undefined;
  readonly #server = new HttpServer((request, response) =>
    this.#handle(request, response),
  );
  readonly #answerTo: (body: unknown) => PeerAnswer;

  /** @param answerTo returns the answer to a body; by default every body is accepted */
  constructor(answerTo: (body: unknown) => PeerAnswer = accept) {
    this.#answerTo = answerTo;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Listens on a free port and returns the URL. */
  listen(): Promise<string> {
    return this.#server.listen();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Withholds all answers until the returned function is called. */
  pause(): () => void {
    let resume = () => {};
    this.#resumed = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  reset(): void {
    this.received = [];
    this.behaviour = WELL_BEHAVED;
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const path = request.url ?? '/';
    switch (`${request.method} ${path}`) {
      case 'GET /control/received':
        return sendJson(response, 200, this.received);
      case 'PUT /control/behaviour':
        this.behaviour = {
          ...WELL_BEHAVED,
          ...((await json(request)) as Partial<PeerBehaviour>),
        };
        return sendJson(response, 200, this.behaviour);
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
    const timer = setTimeout(
      () => sendJson(response, answer.status, answer.body),
      delayMs,
    );
    response.once('close', () => clearTimeout(timer));
  }
}

/** Receives a line for each request. */
export type Print = (line: string) => void;

/** A peer that accepts everything and prints it. */
export function printingPeer(name: string, print: Print): Peer {
  return new Peer((body) => {
    print(`${name}: ${JSON.stringify(body)}`);
    return accept();
  });
}
