import { setTimeout } from 'node:timers/promises';
import type { DemoApp } from './demo-app.js';
import type { OrderClient } from './order-client.js';
import type { OrderRecord } from './order-record.js';

/** An order that was placed, with all that followed; times count from the request. */
export interface PlayedOrder {
  readonly orderId: number;
  readonly record: OrderRecord;
  /** What the client saw: its response, or its own hanging up. */
  readonly client: { readonly at: number; readonly status?: number };
}

/** Places an order and waits for its response and its tasks. */
export async function playOrder(
  app: DemoApp,
  order: object,
): Promise<PlayedOrder> {
  app.beginOrder();
  const client = await app.place(order);
  const { at, status, orderId } = await client.response();
  await app.idle();
  const record = app.record(client.sentAt);
  return { orderId, record, client: { at: at - client.sentAt, status } };
}

/**
 * Places an order whose client hangs up in the middle of the handler: the database
 * is held by another transaction until the application has seen the client go.
 */
export async function playHangUp(
  app: DemoApp,
  order: object,
): Promise<PlayedOrder> {
  app.beginOrder();
  app.ask('holdDatabase');
  await app.reached('databaseHeld');
  const client: OrderClient = await app.place(order);
  await app.reached('handlerBegan');
  const at = client.hangUp() - client.sentAt;
  await app.reached('connectionLost');
  // Only to make the picture clear.
  await setTimeout(30);
  app.ask('releaseDatabase');
  await app.reached('handlerReturned');
  await app.idle();
  const record = app.record(client.sentAt);
  const name = record.ofPhase('immediate')[0]?.name;
  return { orderId: Number(name?.split('_')[1]), record, client: { at } };
}
