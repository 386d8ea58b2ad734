import { DemoProcess } from '../../01-orders/demo/demo-process.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import type { Environment } from '../environment.js';
import type { AppMessage, AppRequest } from './app-message.js';
import { AppRecord } from './app-record.js';

/** What a client saw of the events that it tracked, one after the other. */
export interface TrackedEvents {
  readonly ids: readonly string[];
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** The application in its process, with what it tells of one scene after the other. */
export class DemoApp {
  readonly #process: DemoProcess<AppMessage>;
  readonly #port: number;
  /** Where the messages about the current scene begin. */
  #from = 0;

  private constructor(process: DemoProcess<AppMessage>, port: number) {
    this.#process = process;
    this.#port = port;
  }

  static async start(variables: Partial<Environment>): Promise<DemoApp> {
    const entry = new URL('./app-process.js', import.meta.url);
    const process = new DemoProcess<AppMessage>('the application', entry, {
      ...Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [key, String(value)]),
      ),
      PORT: '0',
    });
    const { port } = await process.message(
      (message) => message.type === 'listening',
    );
    return new DemoApp(process, port);
  }

  get exited() {
    return this.#process.exited;
  }

  /** What is told from now on belongs to a new scene. */
  beginScene(): void {
    this.#from = this.#process.messages.length;
  }

  /** Tracks events of a user, one after the other. */
  async track(userId: number, count: number): Promise<TrackedEvents> {
    const sentAt = wallClock();
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`http://127.0.0.1:${this.#port}/track`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          event: 'page_viewed',
          userId,
          properties: { path: `/products/${index + 1}` },
        }),
      });
      const { eventId } = (await response.json()) as { eventId: string };
      ids.push(eventId);
    }
    return { ids, sentAt, answeredAt: wallClock() };
  }

  /** What happened in the current scene, so far; times count from `start`. */
  record(start: number): AppRecord {
    return new AppRecord(this.#process.messages.slice(this.#from), start);
  }

  async ask(request: AppRequest): Promise<void> {
    const from = this.#process.messages.length;
    this.#process.send(request);
    await this.#process.message((message) => message.type === 'done', from);
  }

  /** Waits until it holds, asking whenever something has happened in the scene. */
  async until(holds: () => boolean): Promise<void> {
    await this.#process.message(
      (_message): _message is AppMessage => holds(),
      this.#from,
    );
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }
}
