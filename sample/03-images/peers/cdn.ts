import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, json } from 'node:stream/consumers';

export interface StoredFile {
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly bytes: Buffer;
}

/** How the CDN answers `PUT` from now on. */
export interface CdnBehaviour {
  /** How long it takes over an answer. */
  readonly delayMs: number;
  /** Only paths with this in them are slow. */
  readonly slow: string;
  /** How many it refuses; -1 is all of them. */
  readonly refuse: number;
  /** What it refuses them with; 0 is hanging up. */
  readonly status: number;
  /** Only paths with this in them are refused. */
  readonly only: string;
}

const WELL_BEHAVED: CdnBehaviour = {
  delayMs: 0,
  slow: '',
  refuse: 0,
  status: 503,
  only: '',
};

/**
 * A content delivery network, as an HTTP server: it keeps what is put at
 * `/upload/<path>`, and serves it at `/<path>`. `PUT /control/behaviour` makes it slow
 * or broken, `GET /control/requests` lists the uploads and removals it was asked for.
 */
export class Cdn {
  readonly files = new Map<string, StoredFile>();
  /** `PUT <path>` and `DELETE <path>`, refused ones too. */
  requests: string[] = [];
  behaviour = WELL_BEHAVED;
  /** Known once it listens. */
  url = '';

  /** How many uploads are neither answered nor given up. */
  #open = 0;
  #resumed: Promise<void> | undefined;
  #whenChanged: (() => void)[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port and gives the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    return this.url;
  }

  /** Changes how it answers. */
  behave(changes: Partial<CdnBehaviour>): void {
    this.behaviour = { ...this.behaviour, ...changes };
  }

  /** Keeps the answers to all uploads back until the function that it gives is called. */
  pause(): () => void {
    let resume = () => {};
    this.#resumed = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  /** Resolves when it has been asked for that many uploads and removals. */
  async asked(count: number): Promise<void> {
    while (this.requests.length < count) await this.#change();
  }

  /** Resolves when it has that many files. */
  async stored(count: number): Promise<void> {
    while (this.files.size < count) await this.#change();
  }

  /** Resolves when no upload waits for its answer. */
  async quiet(): Promise<void> {
    while (this.#open > 0) await this.#change();
  }

  reset(): void {
    this.files.clear();
    this.requests = [];
    this.behaviour = WELL_BEHAVED;
    this.#resumed = undefined;
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
    const url = request.url ?? '/';
    switch (`${request.method} ${url}`) {
      case 'GET /control/requests':
        return send(response, 200, this.requests);
      case 'PUT /control/behaviour':
        this.behaviour = {
          ...WELL_BEHAVED,
          ...((await json(request)) as Partial<CdnBehaviour>),
        };
        return send(response, 200, this.behaviour);
    }
    const path = url.replace(/^\/(upload\/)?/, '');
    switch (request.method) {
      case 'PUT':
        return this.#put(path, request, response);
      case 'DELETE':
        this.#note(`DELETE ${path}`);
        this.files.delete(path);
        return send(response, 200, {});
      default:
        return this.#serve(path, response);
    }
  }

  async #put(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const bytes = await buffer(request);
    const { 'content-type': type, authorization } = request.headers;
    this.#note(`PUT ${path}`);
    this.#open += 1;
    const gone = once(response, 'close').then(() => {
      this.#open -= 1;
      this.#changed();
      return true;
    });
    if (await Promise.race([gone, this.#resumed])) return;
    const { delayMs, slow, refuse, status, only } = this.behaviour;
    const isRefused = refuse !== 0 && path.includes(only);
    if (isRefused) this.behave({ refuse: refuse - 1 });
    const answer = () => {
      if (isRefused && status === 0) return void response.destroy();
      if (isRefused) return send(response, status, { error: 'refused' });
      this.files.set(path, { type, authorization, bytes });
      this.#changed();
      send(response, 201, { url: `${this.url}/${path}` });
    };
    const timer = setTimeout(answer, path.includes(slow) ? delayMs : 0);
    void gone.then(() => clearTimeout(timer));
  }

  #serve(path: string, response: ServerResponse): void {
    const file = this.files.get(path);
    if (!file) return send(response, 404, { error: 'not_found' });
    response.writeHead(200, file.type ? { 'content-type': file.type } : {});
    response.end(file.bytes);
  }

  #note(request: string): void {
    this.requests.push(request);
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#whenChanged.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#whenChanged.splice(0)) resolve();
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
