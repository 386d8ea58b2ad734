import {
  wallClock,
  type AppMessage,
  type AppRequest,
  type WatchedApp,
} from './app-message.js';
import { DemoProcess } from './demo-process.js';
import { SceneRecord } from './scene-record.js';

/** What a client saw of its request. */
export interface SentRequest {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly status: number;
  /** The JSON of the response. */
  readonly body: unknown;
}

/** How the process ended after SIGTERM; times count from the start of the scene. */
export interface Ending {
  readonly signalAt: number;
  readonly closingAt: number | undefined;
  readonly endedAt: number;
  readonly code: number | null;
  readonly signal: string | null;
}

/** The application in its process, with what it reports scene by scene. */
export class DemoApp {
  readonly #process: DemoProcess<AppMessage>;
  readonly #url: string;
  /** The index of the first message of the current scene. */
  #from = 0;

  private constructor(process: DemoProcess<AppMessage>, port: number) {
    this.#process = process;
    this.#url = `http://127.0.0.1:${port}`;
  }

  static async start(
    app: WatchedApp,
    environment: Readonly<Record<string, string | number>>,
  ): Promise<DemoApp> {
    const entry = new URL('./app-process.js', import.meta.url);
    const variables = Object.entries({ ...environment, PORT: 0 });
    const child = new DemoProcess<AppMessage>(
      'the application',
      entry,
      Object.fromEntries(variables.map(([key, value]) => [key, `${value}`])),
      [JSON.stringify(app)],
    );
    const { port } = await child.message(
      (message) => message.type === 'listening',
    );
    return new DemoApp(child, port);
  }

  /** Messages from now on belong to a new scene. */
  beginScene(): void {
    this.#from = this.#process.messages.length;
  }

  async send(path: string, init: RequestInit = {}): Promise<SentRequest> {
    const sentAt = wallClock();
    const response = await fetch(this.#url + path, init);
    const text = await response.text();
    const answeredAt = wallClock();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { sentAt, answeredAt, status: response.status, body };
  }

  post(
    path: string,
    body: object,
    init: RequestInit = {},
  ): Promise<SentRequest> {
    return this.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
  }

  /** What has happened in the current scene; times count from `start`. */
  record(start: number): SceneRecord {
    return new SceneRecord(this.#process.messages.slice(this.#from), start);
  }

  /** Resolves when the application has done it. */
  async ask(request: AppRequest): Promise<void> {
    const from = this.#process.messages.length;
    this.#process.send(request);
    await this.#process.message((message) => message.type === 'done', from);
  }

  /** Resolves when `holds` is true; it is called after each message of the scene. */
  async until(holds: (record: SceneRecord) => boolean): Promise<void> {
    await this.#process.message(
      (_message): _message is AppMessage => holds(this.record(0)),
      this.#from,
    );
  }

  /** Stops the process by SIGTERM; times count from `start`. */
  async stop(start: number): Promise<Ending> {
    const signalAt = wallClock() - start;
    this.#process.kill('SIGTERM');
    const exit = await this.#process.exited;
    const endedAt = wallClock() - start;
    const closingAt = this.record(start).at('databaseClosing');
    return { signalAt, closingAt, endedAt, ...exit };
  }
}
