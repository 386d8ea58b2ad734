import { setTimeout as pause } from 'node:timers/promises';

export interface PlacedOrder {
  readonly orderId: string;
  readonly atMs: number;
  /** How long the client waited for its 2xx. */
  readonly tookMs: number;
}

/** Places orders one after the other in a steady pace; gives those that were accepted. */
export async function placeOrders(
  url: string,
  pace: { readonly count: number; readonly everyMs: number },
  startMs: number,
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
    const body = (await response.json()) as { orderId: string };
    const now = performance.now();
    if (response.status !== 201) refused += 1;
    else {
      accepted.push({
        orderId: body.orderId,
        atMs: now - startMs,
        tookMs: now - sentMs,
      });
    }
  };
  const placed: Promise<void>[] = [];
  for (let number = 0; number < pace.count; number += 1) {
    placed.push(place(number));
    await pause(pace.everyMs);
  }
  await Promise.all(placed);
  return { accepted, refused };
}
