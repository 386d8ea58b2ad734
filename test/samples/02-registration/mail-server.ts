import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerAddress } from 'smtp-server';

/** How the server refuses recipients. */
export interface Refusal {
  /** How many; `Infinity` by default. */
  readonly times?: number | undefined;
  /** The reply: 4xx requests a retry (451 by default), 5xx is final. */
  readonly code?: number | undefined;
}

export interface Pause {
  /** Resolves when a client is waiting for an answer. */
  readonly reached: Promise<void>;
  /** Resolves when a client has disconnected. */
  readonly left: Promise<void>;
  readonly resume: () => void;
}

export interface ReceivedMail {
  /** The recipients of the envelope, which may differ from the headers. */
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
  readonly parsed: ParsedMail;
}

/** An SMTP server on the loopback interface that keeps what it receives. */
export class MailServer {
  received: ReceivedMail[] = [];
  /** All recipients that clients have named, including refused ones. */
  attempts: string[] = [];

  #refusals = 0;
  #refusalCode = 451;
  #resumed: Promise<void> | undefined;
  #onPaused = () => {};
  #onLeft = () => {};
  readonly #onReceived: (mail: ReceivedMail) => void;
  readonly #server = new SMTPServer({
    // There is no certificate, so that passwords would be sent in the clear.
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 1_000,
    onRcptTo: (address, _session, reply) => {
      this.#judge(address).then(reply, reply);
    },
    onClose: () => this.#onLeft(),
    onData: (stream, { envelope }, reply) => {
      const recipients = envelope.rcptTo.map(({ address }) => address);
      this.#receive(stream, recipients).then(() => reply(), reply);
    },
  });

  /** @param onReceived is called with each accepted mail */
  constructor(onReceived: (mail: ReceivedMail) => void = () => {}) {
    this.#onReceived = onReceived;
    // A client that disconnects in the middle of a mail is no error of the server.
    this.#server.on('error', () => {});
  }

  /** Listens on a free port and returns the URL. */
  async listen(): Promise<string> {
    const server = this.#server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return `smtp://127.0.0.1:${port}`;
  }

  /** Refuses the next recipients. */
  refuse({ times = Infinity, code = 451 }: Refusal = {}): void {
    this.#refusals = times;
    this.#refusalCode = code;
  }

  /** Withholds the answers to all recipients until it is resumed. */
  pause(): Pause {
    let resume = () => {};
    this.#resumed = new Promise((resolve) => (resume = resolve));
    const reached = new Promise<void>((resolve) => (this.#onPaused = resolve));
    const left = new Promise<void>((resolve) => (this.#onLeft = resolve));
    return { reached, left, resume };
  }

  reset(): void {
    this.received = [];
    this.attempts = [];
    this.#refusals = 0;
    this.#resumed = undefined;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #judge({ address }: SMTPServerAddress): Promise<Error | undefined> {
    this.attempts.push(address);
    this.#onPaused();
    await this.#resumed;
    if (this.#refusals === 0) return undefined;
    this.#refusals -= 1;
    const refusal = new Error('Not now, or not at all');
    return Object.assign(refusal, { responseCode: this.#refusalCode });
  }

  async #receive(
    stream: NodeJS.ReadableStream,
    recipients: readonly string[],
  ): Promise<void> {
    const bytes = await buffer(stream);
    const mail = { recipients, bytes, parsed: await simpleParser(bytes) };
    this.received.push(mail);
    this.#onReceived(mail);
  }
}
