import type { ServerResponse } from 'node:http';

/** How soon the page connects again when the connection is lost. */
const RETRY_MS = 1_000;
/** After that the page connects again, and the guards are asked again. */
const MAX_AGE_MS = 300_000;

/** A response of server-sent events. */
export class EventStream {
  readonly #response: ServerResponse;
  #isBusy = false;

  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response;
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    // Neither a compressing middleware nor a proxy may hold messages back.
    response.setHeader('cache-control', 'no-store, no-transform');
    response.setHeader('x-accel-buffering', 'no');
    // A server that closes waits for connections that are kept alive, for a minute and more.
    response.shouldKeepAlive = false;
    response.writeHead(200);
    const end = setTimeout(() => this.end(), MAX_AGE_MS).unref();
    response.once('close', () => {
      clearTimeout(end);
      onClose();
    });
    response.on('drain', () => (this.#isBusy = false));
    // A connection that breaks closes as well.
    response.on('error', () => {});
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  /** Whether the client has not yet read what was sent. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** @param json has no line breaks */
  send(event: string, json: string): void {
    this.#write(`event: ${event}\ndata: ${json}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    this.#isBusy = !this.#response.write(text);
  }
}
