import type { Booking } from '../../../sample/05-distributed/orders/order-tasks.js';
import { Peer } from '../peer.js';

const STEPS: readonly Booking['step'][] = ['payment', 'stock', 'mail'];

/** Records the steps of orders in the order in which they are done, including second runs. */
export class BackOffice {
  readonly bookings: Booking[] = [];
  readonly #peer: Peer;
  readonly #steps = new Map<string, Set<Booking['step']>>();
  #whenBooked: (() => void)[] = [];

  constructor() {
    this.#peer = new Peer((body) => {
      this.#book(body as Booking);
      return { status: 200, body: {} };
    });
  }

  /** Each step takes `delayMs`, so that some are in progress when a process is killed. */
  async listen(delayMs = 150): Promise<string> {
    const url = await this.#peer.listen();
    this.#peer.behaviour = { status: 200, delayMs };
    return url;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  /** Whether every step of the order is done. */
  isComplete(orderId: string): boolean {
    return this.#steps.get(orderId)?.size === STEPS.length;
  }

  /** Resolves when all of them are complete. */
  async completed(orderIds: readonly string[]): Promise<void> {
    while (!orderIds.every((orderId) => this.isComplete(orderId))) {
      await new Promise<void>((resolve) => this.#whenBooked.push(resolve));
    }
  }

  #book(booking: Booking): void {
    this.bookings.push(booking);
    const { orderId, step } = booking;
    const steps = this.#steps.get(orderId) ?? new Set();
    this.#steps.set(orderId, steps.add(step));
    for (const resolve of this.#whenBooked.splice(0)) resolve();
  }
}
