import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One character for each byte. */
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** A client on a bare socket: it sees what goes over the wire, and when. */
export class RawClient {
  readonly #socket: Socket;
  readonly #methods: string[] = [];
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
    this.request(path);
  }

  request(path: string, request?: RawRequest): void {
    this.pipeline([path, request]);
  }

  /** Several requests in one write. */
  pipeline(
    ...requests: (readonly [path: string, request?: RawRequest | undefined])[]
  ): void {
    const texts = requests.map(
      ([path, { method = 'GET', headers, body } = {}]) => {
        this.#methods.push(method);
        const length =
          body === undefined ? {} : { 'Content-Length': body.length };
        const lines = Object.entries({ Host: 'test', ...length, ...headers });
        return [
          `${method} ${path} HTTP/1.1`,
          ...lines.map(([name, value]) => `${name}: ${value}`),
          '',
          body ?? '',
        ].join('\r\n');
      },
    );
    this.write(texts.join(''));
  }

  /** Any bytes. */
  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** The next whole response. */
  async response(): Promise<RawResponse> {
    for (;;) {
      const response = this.#take();
      if (response) return response;
      if (this.#socket.destroyed) throw new Error('The connection is closed.');
      await this.more();
    }
  }

  /** Resolves when something has been received. */
  async firstBytes(): Promise<void> {
    while (this.#received === '' && !this.#socket.destroyed) await this.more();
  }

  /** Resolves when the connection is closed. */
  async closed(): Promise<void> {
    while (!this.#socket.destroyed) await this.more();
  }

  /** Stops reading, so that what is sent piles up. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Closes its half of the connection, and keeps reading. */
  halfClose(): void {
    this.#socket.end();
  }

  /** Leaves without a word. */
  hangUp(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves when more has been received, or the connection is closed. */
  more(): Promise<void> {
    return new Promise((resolve) => (this.#whenReceived = resolve));
  }

  #take(): RawResponse | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [statusLine = '', ...lines] = this.#received
      .slice(0, end)
      .split('\r\n');
    const rest = this.#received.slice(end + 4);
    const status = Number(statusLine.split(' ')[1]);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [
          line.slice(0, colon).toLowerCase(),
          line.slice(colon + 1).trim(),
        ];
      }),
    );
    const hasBody =
      this.#methods[0] !== 'HEAD' && status !== 204 && status !== 304;
    const taken = hasBody ? takeBody(rest, headers) : { body: '', rest };
    if (!taken) return undefined;
    this.#methods.shift();
    this.#received = taken.rest;
    return { status, headers, body: taken.body };
  }
}

interface Taken {
  readonly body: string;
  readonly rest: string;
}

/** The body at the start of a text, and what follows; nothing when it is not whole. */
function takeBody(
  text: string,
  headers: Readonly<Record<string, string>>,
): Taken | undefined {
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') {
    return takeChunks(text);
  }
  const length = Number(headers['content-length'] ?? 0);
  if (text.length < length) return undefined;
  return { body: text.slice(0, length), rest: text.slice(length) };
}

function takeChunks(text: string): Taken | undefined {
  let body = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(text.slice(at, end), 16);
    at = end + 2 + size + 2;
    if (text.length < at) return undefined;
    if (size === 0) return { body, rest: text.slice(at) };
    body += text.slice(end + 2, at - 2);
  }
}
