import { Agent } from 'node:http';
import { call } from './http-client.js';

/** Requests over connections that are kept alive, as many at once as there are connections. */
export class KeepAliveLoad {
  readonly done: Promise<void>;
  /** Requests answered with 200. */
  answered = 0;
  /** Requests answered otherwise. */
  refused = 0;
  /** Requests that ended with their connection. */
  broken = 0;

  readonly #urlOf: (request: number) => string;
  readonly #listeners = new Set<() => void>();
  #requests = 0;
  #left: number;

  /** @param urlOf of the requests, which are counted from 1 */
  constructor(
    requests: number,
    connections: number,
    urlOf: (request: number) => string,
  ) {
    this.#left = requests;
    this.#urlOf = urlOf;
    const all = Array.from({ length: connections }, () => this.#use());
    this.done = Promise.all(all).then(() => {});
  }

  /** Resolves when this many requests have been answered. */
  async untilAnswered(count: number): Promise<void> {
    while (this.answered < count) {
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  /** Makes this many further requests and no more; then the connections are closed. */
  endAfter(requests: number): void {
    this.#left = requests;
  }

  async #use(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      while (this.#left > 0) {
        this.#left -= 1;
        this.#requests += 1;
        const { status } = await call(this.#urlOf(this.#requests), { agent });
        if (status === 200) this.answered += 1;
        else this.refused += 1;
        for (const listener of this.#listeners) {
          this.#listeners.delete(listener);
          listener();
        }
      }
    } catch {
      this.broken += 1;
    } finally {
      agent.destroy();
    }
  }
}
