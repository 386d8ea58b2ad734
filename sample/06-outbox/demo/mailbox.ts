import { Peer } from '../../01-orders/peers/peer.js';

/** A mail that was sent. */
export interface SentMail {
  readonly to: string;
  readonly key: string;
}

/** A mail service that keeps what it was given. */
export class Mailbox {
  readonly #peer: Peer;
  #whenSent: (() => void)[] = [];

  constructor() {
    this.#peer = new Peer(() => {
      for (const tell of this.#whenSent.splice(0)) tell();
      return { status: 200, body: {} };
    });
  }

  listen(): Promise<string> {
    return this.#peer.listen();
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  get mails(): SentMail[] {
    return this.#peer.received.map(({ body }) => body as SentMail);
  }

  /** Refuses mails until it is told to take them. */
  refuse(): () => void {
    this.#peer.behaviour = { status: 503, delayMs: 0 };
    // What was refused was not sent.
    return () => this.#peer.reset();
  }

  /** Resolves when each of them has got a mail. */
  async reached(addresses: readonly string[]): Promise<void> {
    const isReached = (address: string) =>
      this.mails.some(({ to }) => to === address);
    while (!addresses.every(isReached)) {
      await new Promise<void>((resolve) => this.#whenSent.push(resolve));
    }
  }
}
