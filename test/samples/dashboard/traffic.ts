import { setTimeout } from 'node:timers/promises';
import { DECLINED_TOKEN } from '../01-orders/orders-peers.js';
import { ORDER } from '../01-orders/play-order.js';

const PAUSE_MS = 450;
/** One in so many cards is declined. */
const DECLINED = 5;

/** Places one order after another, until the signal fires. */
export async function placeOrders(
  url: string,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 1; !signal.aborted; number += 1) {
    const isDeclined = number % DECLINED === 0;
    const order = isDeclined
      ? { ...ORDER, paymentToken: DECLINED_TOKEN }
      : ORDER;
    try {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...order, userId: number }),
        signal,
      });
      await response.arrayBuffer();
      await setTimeout(PAUSE_MS, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
