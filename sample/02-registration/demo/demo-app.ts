import { DemoProcess } from '../../01-orders/demo/demo-process.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import type { PeerUrls } from '../peers/registration-peers.js';
import type { AppMessage, TaskMessage } from './app-message.js';
import { isFinal, RequestRecord } from './request-record.js';

/** What a client saw of its request. */
export interface SentRequest {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly status: number;
}

/** The application in its process, with what it tells of one request after the other. */
export class DemoApp {
  readonly #process: DemoProcess<AppMessage>;
  readonly #port: number;
  /** Where the messages about the current request begin. */
  #from = 0;

  private constructor(process: DemoProcess<AppMessage>, port: number) {
    this.#process = process;
    this.#port = port;
  }

  static async start(urls: PeerUrls, databaseUrl: string): Promise<DemoApp> {
    const entry = new URL('./app-process.js', import.meta.url);
    const process = new DemoProcess<AppMessage>('the application', entry, {
      ...urls,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: 'https://app.example',
      HASH_ROUNDS: '10',
      RETRY_DELAY_MS: '100',
    });
    const { port } = await process.message(
      (message) => message.type === 'listening',
    );
    return new DemoApp(process, port);
  }

  get exited() {
    return this.#process.exited;
  }

  /** Sends a request; what is told from now on belongs to it. */
  async post(path: string, body: object): Promise<SentRequest> {
    this.#from = this.#process.messages.length;
    const sentAt = wallClock();
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.text();
    return { sentAt, answeredAt: wallClock(), status: response.status };
  }

  /** What followed from the current request, so far. */
  record(sentAt: number): RequestRecord {
    return new RequestRecord(this.#process.messages.slice(this.#from), sentAt);
  }

  /** Waits until no task is left. */
  async idle(): Promise<void> {
    this.#process.send('tellWhenIdle');
    await this.#process.message(
      (message) => message.type === 'idle',
      this.#from,
    );
  }

  /** Waits until this attempt at a task of the current request has ended, or the last. */
  async attempted(name: string, attempt: number): Promise<void> {
    await this.#process.message(
      (message): message is TaskMessage =>
        message.type === 'task' &&
        message.name.startsWith(name) &&
        (message.event === 'retrying'
          ? message.attempt === attempt
          : isFinal(message.event)),
      this.#from,
    );
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }
}
