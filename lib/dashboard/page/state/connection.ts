import type { LiveMessage } from '../../wire/live-message.js';
import { addressOf, PAGE_ADDRESS } from './requests.js';

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'refused';

/** The server sends twice a second. */
const SILENCE_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;

/** Receives the messages of the server, and connects again when the connection is lost. */
export class Connection {
  state: ConnectionState = 'connecting';
  readonly #onMessage: (message: LiveMessage) => void;
  readonly #onState: () => void;
  #source: EventSource | undefined;
  #silence: number | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(onMessage: (message: LiveMessage) => void, onState: () => void) {
    this.#onMessage = onMessage;
    this.#onState = onState;
  }

  open(): void {
    const source = new EventSource(addressOf('events'));
    this.#source = source;
    this.#listen();
    source.addEventListener('live', (event: MessageEvent<string>) => {
      this.#listen();
      this.#retryMs = FIRST_RETRY_MS;
      this.#become('live');
      this.#onMessage(JSON.parse(event.data) as LiveMessage);
    });
    source.addEventListener('error', () => void this.#lost(source));
  }

  /** A connection may break without an event that says so. */
  #listen(): void {
    clearTimeout(this.#silence);
    const source = this.#source;
    this.#silence = window.setTimeout(() => {
      if (source) void this.#lost(source);
    }, SILENCE_MS);
  }

  async #lost(source: EventSource): Promise<void> {
    if (source !== this.#source) return;
    this.#source = undefined;
    clearTimeout(this.#silence);
    source.close();
    if (this.state === 'live') this.#become('lost');
    this.#become(await whyLost());
    window.setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  #become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.#onState();
  }
}

/** An `EventSource` does not say why it failed; the page has the same guards. */
async function whyLost(): Promise<ConnectionState> {
  try {
    const { status } = await fetch(PAGE_ADDRESS, { cache: 'no-store' });
    return status === 401 || status === 403 ? 'refused' : 'lost';
  } catch {
    return 'lost';
  }
}
