import { Peer } from '../peer.js';

/** A mail that was sent. */
export interface SentMail {
  readonly to: string;
  readonly key: string;
  readonly attempt: number;
}

/** A mail service that keeps what it receives. */
export class Mailbox {
  readonly #peer: Peer;
  #whenSent: (() => void)[] = [];

  constructor() {
    this.#peer = new Peer(() => {
      for (const resolve of this.#whenSent.splice(0)) resolve();
      return { status: 200, body: {} };
    });
  }

  /** A mail takes `delayMs`. */
  async listen(delayMs = 0): Promise<string> {
    const url = await this.#peer.listen();
    this.#peer.behaviour = { status: 200, delayMs };
    return url;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  get mails(): SentMail[] {
    return this.#peer.received.map(({ body }) => body as SentMail);
  }

  /** Refuses mails until the returned function is called. */
  refuse(): () => void {
    this.#peer.behaviour = { status: 503, delayMs: 0 };
    // Refused mails were not sent, so that they are forgotten.
    return () => this.#peer.reset();
  }

  /** Resolves when each address has received a mail. */
  async reached(addresses: readonly string[]): Promise<void> {
    const isReached = (address: string) =>
      this.mails.some(({ to }) => to === address);
    while (!addresses.every(isReached)) {
      await new Promise<void>((resolve) => this.#whenSent.push(resolve));
    }
  }
}
