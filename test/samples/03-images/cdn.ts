import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import { HttpServer, sendJson } from '../http-server.js';

export interface StoredFile {
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly bytes: Buffer;
}

/** How the CDN answers `PUT` from now on. */
export interface CdnBehaviour {
  /** The delay before an answer. */
  readonly delayMs: number;
  /** Only paths with this in them are slow. */
  readonly slow: string;
  /** The number of uploads to refuse; -1 refuses all. */
  readonly refuse: number;
  /** The status of a refusal; 0 breaks the connection instead. */
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
 * A content delivery network: it stores what is put at `/upload/<path>` and serves it at
 * `/<path>`. `PUT /control/behaviour` makes it slow or lets it fail, and `GET
 * /control/requests` lists the uploads and removals that were requested.
 */
export class Cdn {
  readonly files = new Map<string, StoredFile>();
  /** `PUT <path>` and `DELETE <path>`, including refused ones. */
  requests: string[] = [];
  behaviour = WELL_BEHAVED;
  /** The number of uploads that are neither answered nor aborted. */
  #open = 0;
  #resumed: Promise<void> | undefined;
  #whenChanged: (() => void)[] = [];
  readonly #server = new HttpServer((request, response) =>
    this.#handle(request, response),
  );

  /** Listens on a free port and returns the URL. */
  listen(): Promise<string> {
    return this.#server.listen();
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Changes how it answers. */
  behave(changes: Partial<CdnBehaviour>): void {
    this.behaviour = { ...this.behaviour, ...changes };
  }

  /** Withholds the answers to all uploads until the returned function is called. */
  pause(): () => void {
    let resume = () => {};
    this.#resumed = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  /** Resolves when that many uploads and removals have been requested. */
  async asked(count: number): Promise<void> {
    while (this.requests.length < count) await this.#change();
  }

  /** Resolves when it stores that many files. */
  async stored(count: number): Promise<void> {
    while (this.files.size < count) await this.#change();
  }

  /** Resolves when no upload is waiting for its answer. */
  async quiet(): Promise<void> {
    while (this.#open > 0) await this.#change();
  }

  reset(): void {
    this.files.clear();
    this.requests = [];
    this.behaviour = WELL_BEHAVED;
    this.#resumed = undefined;
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = request.url ?? '/';
    switch (`${request.method} ${url}`) {
      case 'GET /control/requests':
        return sendJson(response, 200, this.requests);
      case 'PUT /control/behaviour':
        this.behaviour = {
          ...WELL_BEHAVED,
          ...((await json(request)) as Partial<CdnBehaviour>),
        };
        return sendJson(response, 200, this.behaviour);
    }
    const path = url.replace(/^\/(upload\/)?/, '');
    switch (request.method) {
      case 'PUT':
        return this.#put(path, request, response);
      case 'DELETE':
        this.#note(`DELETE ${path}`);
        this.files.delete(path);
        return sendJson(response, 200, {});
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
      if (isRefused) return sendJson(response, status, { error: 'refused' });
      this.files.set(path, { type, authorization, bytes });
      this.#changed();
      sendJson(response, 201, { url: `${this.url}/${path}` });
    };
    const timer = setTimeout(answer, path.includes(slow) ? delayMs : 0);
    void gone.then(() => clearTimeout(timer));
  }

  #serve(path: string, response: ServerResponse): void {
    const file = this.files.get(path);
    if (!file) return sendJson(response, 404, { error: 'not_found' });
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
