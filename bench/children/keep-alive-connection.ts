import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection that requests the same path repeatedly, one request at a time. It reads
 * only the length and the status of a response, so that its cost is small compared with
 * that of the server under test.
 */
export class KeepAliveConnection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  /** The length of a whole response: the same for all, and known from the first one. */
  #length = 0;
  #head = '';
  #receivedBytes = 0;
  #pending: Pending | undefined;

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#request = Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n`,
    );
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The connection is closed')));
  }

  static async open(port: number, path: string): Promise<KeepAliveConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new KeepAliveConnection(socket, path);
  }

  /** Resolves at the end of the response; rejects without one, or if it is not 200. */
  request(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      if (this.#socket.destroyed) this.#fail(new Error('Not connected'));
      else this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const isFirst = this.#receivedBytes === 0;
    this.#receivedBytes += chunk.length;
    if (this.#length === 0) {
      this.#head += chunk.toString('latin1');
      this.#length = lengthOf(this.#head);
      if (this.#length === 0) return;
      if (!this.#head.startsWith('HTTP/1.1 200 ')) return this.#unusable();
    } else if (isFirst && chunk.toString('latin1', 9, 12) !== '200') {
      return this.#unusable();
    }
    if (this.#receivedBytes < this.#length) return;
    if (this.#receivedBytes > this.#length) return this.#unusable();
    this.#receivedBytes = 0;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve();
  }

  #unusable(): void {
    this.#fail(new Error('A response that is not 200, or has another length'));
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(error);
  }
}

/** 0 while the head is not complete. */
function lengthOf(answer: string): number {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  return length === undefined ? Infinity : end + 4 + Number(length);
}
