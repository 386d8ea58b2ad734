import { setTimeout } from 'node:timers/promises';
import { wallClock } from '../../../sample/.demo/app-message.js';
import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { SceneRecord } from '../../../sample/.demo/scene-record.js';
import type { ClientRecord } from '../../../sample/.demo/scene-rows.js';

export const ORDER = {
  userId: 7,
  email: 'ada@example.com',
  items: [
    { productId: 1, quantity: 2, price: 19.99 },
    { productId: 2, quantity: 3, price: 0.1 },
  ],
  paymentToken: 'tok_visa',
};

/** An order that was placed, with its effects; times count from the request. */
export interface PlayedOrder {
  readonly orderId: number;
  readonly record: SceneRecord;
  readonly client: ClientRecord;
}

/** Places an order and waits for its response and its tasks. */
export async function playOrder(
  app: DemoApp,
  order: object,
): Promise<PlayedOrder> {
  app.beginScene();
  const { sentAt, answeredAt, status, body } = await app.post('/orders', order);
  await app.ask('waitUntilIdle');
  const { orderId = 0 } = body as { orderId?: number };
  const client = { at: answeredAt - sentAt, status };
  return { orderId, record: app.record(sentAt), client };
}

/**
 * Places an order whose client hangs up in the middle of the handler: another
 * transaction holds the database until the application has noticed.
 */
export async function playHangUp(
  app: DemoApp,
  order: object,
): Promise<PlayedOrder> {
  await app.ask('holdDatabase');
  app.beginScene();
  const connection = new AbortController();
  const { signal } = connection;
  const sentAt = wallClock();
  const response = app.post('/orders', order, { signal }).catch(() => {});
  await app.until((record) => record.at('handlerBegan') !== undefined);
  connection.abort();
  const client = { at: wallClock() - sentAt };
  await response;
  await app.until((record) => record.at('connectionLost') !== undefined);
  // Separates the two moments in the timeline.
  await setTimeout(30);
  await app.ask('releaseDatabase');
  await app.until((record) => record.at('handlerEnded') !== undefined);
  await app.ask('waitUntilIdle');
  const record = app.record(sentAt);
  const name = record.ofPhase('immediate')[0]?.name;
  return { orderId: Number(name?.split('_')[1]), record, client };
}
