import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly body: string;
}

/** A client on a bare socket: it sees what goes over the wire, and when. */
export class RawClient {
  readonly #socket: Socket;
  #received = '';
  #whenReceived: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#received += chunk;
      this.#whenReceived?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#whenReceived?.());
  }

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** All that has been received and not been taken as a response. */
  get received(): string {
    return this.#received;
  }

  get(path: string): void {
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
  }

  /** The next whole response. */
  async response(): Promise<RawResponse> {
    for (;;) {
      const response = this.#take();
      if (response) return response;
      if (this.#socket.destroyed) throw new Error('The connection is closed.');
      await this.#more();
    }
  }

  /** Resolves when something has been received. */
  async firstBytes(): Promise<void> {
    while (this.#received === '') await this.#more();
  }

  /** Leaves without a word. */
  hangUp(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#whenReceived = resolve));
  }

  #take(): RawResponse | undefined {
    const [head, rest] = split(this.#received, '\r\n\r\n');
    if (rest === undefined) return undefined;
    const status = Number(head.split(' ')[1]);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length !== undefined) {
      if (rest.length < Number(length)) return undefined;
      this.#received = rest.slice(Number(length));
      return { status, body: rest.slice(0, Number(length)) };
    }
    if (!/^transfer-encoding: *chunked/im.test(head)) {
      this.#received = rest;
      return { status, body: '' };
    }
    const [chunks, after] = split(rest, '0\r\n\r\n');
    if (after === undefined) return undefined;
    this.#received = after;
    return { status, body: chunks };
  }
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  if (at < 0) return [text, undefined];
  return [text.slice(0, at), text.slice(at + separator.length)];
}
