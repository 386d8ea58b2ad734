import { setTimeout as pause } from 'node:timers/promises';

export interface PlacedOrder {
  readonly orderId: string;
  /** How long the client waited for its 2xx. */
  readonly tookMs: number;
}

/** Places orders at a steady pace; returns those that were accepted. */
export async function placeOrders(
  url: string,
  pace: { readonly count: number; readonly everyMs: number },
): Promise<{ accepted: PlacedOrder[]; refused: number }> {
  const accepted: PlacedOrder[] = [];
  let refused = 0;
  const place = async (number: number) => {
    const sentMs = performance.now();
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${number}@example.com`, cents: 100 }),
    });
    const { orderId } = (await response.json()) as { orderId: string };
    const tookMs = performance.now() - sentMs;
    if (response.status === 201) accepted.push({ orderId, tookMs });
    else refused += 1;
  };
  const placed: Promise<void>[] = [];
  for (let number = 0; number < pace.count; number += 1) {
    placed.push(place(number));
    await pause(pace.everyMs);
  }
  await Promise.all(placed);
  return { accepted, refused };
}
