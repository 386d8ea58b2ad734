import { Peer } from '../../01-orders/peers/peer.js';
import type { Booking } from '../orders/order-tasks.js';

const STEPS: readonly Booking['step'][] = ['payment', 'stock', 'mail'];

/** Books the steps of orders, in the order in which they are done, second runs included. */
export class BackOffice {
  readonly #peer: Peer;
  #whenBooked: (() => void)[] = [];

  constructor() {
    this.#peer = new Peer(() => {
      // Booked when it is answered.
      for (const tell of this.#whenBooked.splice(0)) tell();
      return { status: 200, body: {} };
    });
  }

  /** Takes a moment over each step, so that steps are under way when something is killed. */
  async listen(): Promise<string> {
    const url = await this.#peer.listen();
    this.#peer.behaviour = { status: 200, delayMs: 150 };
    return url;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  get bookings(): Booking[] {
    return this.#peer.received.map(({ body }) => body as Booking);
  }

  /** Whether every step of the order is done. */
  isComplete(orderId: string): boolean {
    const steps = new Set(
      this.bookings
        .filter((booking) => booking.orderId === orderId)
        .map(({ step }) => step),
    );
    return STEPS.every((step) => steps.has(step));
  }

  /** Resolves when all of them are complete. */
  async completed(orderIds: readonly string[]): Promise<void> {
    while (!orderIds.every((orderId) => this.isComplete(orderId))) {
      await new Promise<void>((resolve) => this.#whenBooked.push(resolve));
    }
  }
}
