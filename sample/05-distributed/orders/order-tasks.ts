import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task, type DeclaredTaskOptions } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';

/** What the back office receives for each step of an order. */
export interface Booking {
  readonly orderId: string;
  readonly step: 'payment' | 'stock' | 'mail';
  /** The same for every run of this step of this order, so that a second run is recognised. */
  readonly key: string | undefined;
  readonly attempt: number;
  /** The process that ran it. */
  readonly pid: number;
}

const STORED: DeclaredTaskOptions = {
  durable: true,
  // A worker that shuts down finishes the steps that it has started.
  shield: true,
  timeout: '5s',
  retries: 20,
  backoff: { type: 'exponential', delay: '250ms', max: '2s', jitter: 1 },
};

/** The steps of an order. Each may run more than once, and is booked by its key. */
@Injectable()
export class OrderTasks {
  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  @Task('order.pay', STORED)
  async pay(orderId: string, cents: number): Promise<void> {
    await this.#book('payment', orderId, { cents });
  }

  @Task('order.reserve', STORED)
  async reserve(orderId: string): Promise<void> {
    await this.#book('stock', orderId, {});
  }

  @Task('order.confirm', STORED)
  async confirm(orderId: string, email: string): Promise<void> {
    await this.#book('mail', orderId, { email });
  }

  async #book(
    step: Booking['step'],
    orderId: string,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { key, attempt } = currentTask();
    const booking: Booking = { orderId, step, key, attempt, pid: process.pid };
    await postJson(
      `${this.config.BACK_OFFICE_URL}/${step}`,
      { ...booking, ...details },
      key === undefined ? {} : { headers: { 'idempotency-key': key } },
    );
  }
}
