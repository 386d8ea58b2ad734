import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task, type DeclaredTaskOptions } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';

/** What the back office gets for each step of an order. */
export interface Booking {
  readonly orderId: string;
  readonly step: 'payment' | 'stock' | 'mail';
  /** The same whenever this step of this order is run: by it, a second run is recognised. */
  readonly key: string | undefined;
  readonly attempt: number;
  /** The process that ran it. */
  readonly pid: number;
}

const STORED: DeclaredTaskOptions = {
  durable: true,
  // A worker that is told to stop finishes what it has begun.
  shield: true,
  timeout: '5s',
  retries: 20,
  backoff: { type: 'exponential', delay: '250ms', max: '2s', jitter: 1 },
};

/** The steps of an order. Each may run more than once, and is booked by its key. */
@Injectable()
export class OrderTasks {
  readonly #url: string;

  constructor(@Inject(environment.KEY) { BACK_OFFICE_URL }: Environment) {
    this.#url = BACK_OFFICE_URL;
  }

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
    more: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { key, attempt, signal } = currentTask();
    const booking: Booking = { orderId, step, key, attempt, pid: process.pid };
    const response = await fetch(`${this.#url}/${step}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ ...booking, ...more }),
      signal,
    });
    if (!response.ok) {
      throw new Error(`The back office answered ${response.status}`);
    }
  }
}
