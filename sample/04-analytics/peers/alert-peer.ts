import {
  JsonServer,
  type JsonAnswer,
  type JsonRequest,
} from './json-server.js';

/** Where alerts go. */
export class AlertPeer {
  readonly texts: string[] = [];
  isBroken = false;

  readonly #server = new JsonServer((request) => this.#handle(request));
  readonly #onAlert: (text: string) => void;

  constructor(onAlert: (text: string) => void = () => {}) {
    this.#onAlert = onAlert;
  }

  listen(): Promise<string> {
    return this.#server.listen();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  reset(): void {
    this.texts.length = 0;
    this.isBroken = false;
  }

  #handle({ route, body }: JsonRequest): JsonAnswer {
    switch (route) {
      case 'POST /alert': {
        if (this.isBroken) {
          return { status: 503, body: { error: 'out_of_order' } };
        }
        const { text } = body as { text: string };
        this.texts.push(text);
        this.#onAlert(text);
        return { status: 200, body: { accepted: true } };
      }
      default:
        return { status: 404, body: { error: 'not_found' } };
    }
  }
}
