import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** Sees threads end: each holds a connection, which is closed when its thread is gone. */
export class WatchedThreads {
  readonly #server: Server;
  #ended = 0;
  readonly #whenEnded = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      // A thread that is ended resets it.
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#ended += 1;
        for (const tell of this.#whenEnded) tell();
      });
      socket.resume();
    });
  }

  static async listen(): Promise<WatchedThreads> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WatchedThreads(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many have ended so far. */
  get count(): number {
    return this.#ended;
  }

  /** Resolves when so many have ended. */
  async ended(count = 1): Promise<void> {
    while (this.#ended < count) {
      await new Promise<void>((resolve) => this.#whenEnded.add(resolve));
    }
  }

  close(): void {
    this.#server.close();
  }
}
