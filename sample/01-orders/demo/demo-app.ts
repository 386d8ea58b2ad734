import type { OrderState } from '../orders/orders.repository.js';
import type { AppMessage, AppRequest } from './app-message.js';
import type { DemoPeers } from './demo-peers.js';
import { DemoProcess } from './demo-process.js';
import { OrderClient } from './order-client.js';
import { OrderRecord } from './order-record.js';

type MessageOf<T extends AppMessage['type']> = Extract<AppMessage, { type: T }>;

/** The application in its process, with what it tells of one order after the other. */
export class DemoApp {
  readonly #process: DemoProcess<AppMessage>;
  readonly #port: number;
  /** Where the messages about the current order begin. */
  #from = 0;

  private constructor(process: DemoProcess<AppMessage>, port: number) {
    this.#process = process;
    this.#port = port;
  }

  static async start(
    { urls }: DemoPeers,
    databaseUrl: string,
  ): Promise<DemoApp> {
    const entry = new URL('./app-process.js', import.meta.url);
    const process = new DemoProcess<AppMessage>('the application', entry, {
      PORT: '0',
      DATABASE_URL: databaseUrl,
      PAYMENT_URL: urls.payment,
      PAYMENT_API_KEY: 'demo',
      MAIL_URL: urls.mail,
      MAIL_API_KEY: 'demo',
      WAREHOUSE_URL: urls.warehouse,
      ANALYTICS_URL: urls.analytics,
      ALERT_URL: urls.alert,
    });
    const { port } = await process.message(isOf('listening'));
    return new DemoApp(process, port);
  }

  get exited() {
    return this.#process.exited;
  }

  /** What is told from now on belongs to a new order. */
  beginOrder(): void {
    this.#from = this.#process.messages.length;
  }

  place(order: object): Promise<OrderClient> {
    return OrderClient.place(this.#port, order);
  }

  /** What became of the current order, so far. */
  record(sentAt: number): OrderRecord {
    return new OrderRecord(this.#process.messages.slice(this.#from), sentAt);
  }

  ask(request: AppRequest): void {
    this.#process.send(request);
  }

  /** Waits until this has happened to the current order. */
  async reached(type: AppMessage['type']): Promise<void> {
    await this.#process.message(isOf(type), this.#from);
  }

  async taskStarted(name: string): Promise<void> {
    await this.#process.message(
      (message): message is MessageOf<'task'> =>
        message.type === 'task' &&
        message.event === 'started' &&
        message.name.startsWith(name),
      this.#from,
    );
  }

  /** Waits until no task is left. */
  async idle(): Promise<void> {
    this.ask('tellWhenIdle');
    await this.reached('idle');
  }

  async state(orderId: number): Promise<OrderState> {
    const url = `http://127.0.0.1:${this.#port}/orders/${orderId}`;
    return (await (await fetch(url)).json()) as OrderState;
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }
}

function isOf<T extends AppMessage['type']>(type: T) {
  return (message: AppMessage): message is MessageOf<T> =>
    message.type === type;
}
