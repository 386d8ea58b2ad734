import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { DECLINED_TOKEN } from '../../test/samples/01-orders/orders-peers.js';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import { OrdersRepository } from './orders/orders.repository.js';
import { startOrders, type OrdersFixture } from './test/orders-fixture.js';

const order = {
  userId: 7,
  email: 'ada@example.com',
  items: [
    // As floats, 3 × 0.1 + 2 × 19.99 is 40.279999999999994.
    { productId: 2, quantity: 3, price: 0.1 },
    { productId: 1, quantity: 2, price: 19.99 },
  ],
  paymentToken: 'tok_visa',
};

describe.each(platforms)('an order over $name', (platform) => {
  let orders: OrdersFixture;
  beforeAll(async () => {
    orders = await startOrders(platform);
  }, 30_000);
  beforeEach(() => orders.reset());
  afterAll(() => orders.close());

  const expectCharge = (orderId: number) =>
    expect(orders.peers.payment.received).toEqual([
      {
        path: '/charge',
        authorization: 'Bearer payment-key',
        body: {
          amount: 40.28,
          currency: 'USD',
          token: expect.any(String),
          metadata: { order_id: orderId },
        },
      },
    ]);

  const expectNotifications = (orderId: number) => {
    expect(orders.peers.mail.received).toEqual([
      {
        path: '/send',
        authorization: 'Bearer mail-key',
        body: {
          to: 'ada@example.com',
          subject: `Order #${orderId} Confirmed`,
          template: 'order_confirmation',
          data: { order_id: orderId, items: order.items, total: 40.28 },
        },
      },
    ]);
    expect(orders.peers.warehouse.received).toEqual([
      {
        path: '/prepare-shipment',
        authorization: undefined,
        body: {
          order_id: orderId,
          items: [
            { sku: 2, qty: 3 },
            { sku: 1, qty: 2 },
          ],
        },
      },
    ]);
    expectAnalytics(orderId);
  };

  const expectAnalytics = (orderId: number) =>
    expect(orders.received('analytics')).toEqual([
      {
        event: 'order_created',
        properties: {
          order_id: orderId,
          user_id: 7,
          total: 40.28,
          items_count: 2,
        },
      },
    ]);

  const reservations = (orderId: number) =>
    orders.database.query(
      'SELECT items FROM reservations WHERE order_id = $1',
      [orderId],
    );

  it('answers at once that it is processing, with the exact total', async () => {
    const response = await orders.post(order);

    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      orderId: expect.any(Number),
      status: 'processing',
      total: 40.28,
    });
    await orders.tester.settled();
  });

  it('is paid, reserved, and told to mail, warehouse and analytics', async () => {
    const orderId = await orders.place(order);

    expect(await orders.state(orderId)).toEqual({
      orderId,
      userId: 7,
      email: 'ada@example.com',
      items: order.items,
      total: 40.28,
      status: 'confirmed',
      payment: 'paid',
      reservation: 'reserved',
    });
    expect(await reservations(orderId)).toEqual([{ items: order.items }]);
    expect(await orders.stock()).toEqual([
      { product: 1, available: 8, reserved: 2 },
      { product: 2, available: 7, reserved: 3 },
      { product: 3, available: 3, reserved: 0 },
    ]);
    expectCharge(orderId);
    expectNotifications(orderId);
    expect(orders.received('alert')).toEqual([]);
  });

  it('is answered when its stock is settled, and before mail, warehouse and analytics start', async () => {
    const eventsWhenSent: string[] = [];
    const server = orders.app.getHttpServer() as Server;
    server.once('request', (_request, response: ServerResponse) =>
      response.once('finish', () => {
        for (const { type, task } of orders.events) {
          if (task.phase !== 'immediate') {
            eventsWhenSent.push(`${task.name} ${type}`);
          }
        }
      }),
    );
    const orderId = await orders.place(order);

    expect(eventsWhenSent).toEqual([
      `inventory_${orderId} scheduled`,
      'sendOrderConfirmation scheduled',
      'notifyWarehouse scheduled',
      'trackOrderEvent scheduled',
      `inventory_${orderId} started`,
      `inventory_${orderId} succeeded`,
    ]);
  });

  it('is answered while the payment is still under way', async () => {
    const resume = orders.peers.payment.pause();
    const response = await orders.post(order);
    const { orderId } = (await response.json()) as { orderId: number };

    expect(await orders.state(orderId)).toMatchObject({
      status: 'processing',
      payment: 'pending',
      reservation: 'reserved',
    });
    resume();
    await orders.tester.settled();
    expect(await orders.state(orderId)).toMatchObject({ status: 'confirmed' });
  });

  it('is marked and raises an alert when the card is declined', async () => {
    const orderId = await orders.place({
      ...order,
      paymentToken: DECLINED_TOKEN,
    });

    expect(await orders.state(orderId)).toMatchObject({
      status: 'payment_failed',
      payment: 'failed',
      reservation: 'reserved',
    });
    expectCharge(orderId);
    expect(orders.received('alert')).toEqual([
      {
        text: expect.stringMatching(
          `^Payment failed for order ${orderId}: .* 402: .*card_declined`,
        ),
      },
    ]);
    expectNotifications(orderId);
  });

  it('is marked and raises an alert when the gateway is out of order', async () => {
    orders.peers.payment.behaviour = { status: 500, delayMs: 0 };
    const orderId = await orders.place(order);

    expect(await orders.state(orderId)).toMatchObject({
      status: 'payment_failed',
    });
    expect(orders.received('alert')).toEqual([
      { text: expect.stringContaining('answered 500') },
    ]);
  });

  it('is marked and reserves nothing when one of its items is out of stock', async () => {
    const items = [...order.items, { productId: 3, quantity: 4, price: 1 }];
    const response = await orders.post({ ...order, items });
    const { orderId } = (await response.json()) as { orderId: number };

    expect(response.status).toBe(201);
    expect(await orders.state(orderId)).toMatchObject({
      status: 'inventory_failed',
      reservation: 'failed',
    });
    await orders.tester.settled();
    expect(await orders.state(orderId)).toMatchObject({ payment: 'paid' });
    expect(await reservations(orderId)).toEqual([]);
    expect(await orders.stock()).toEqual([
      { product: 1, available: 10, reserved: 0 },
      { product: 2, available: 10, reserved: 0 },
      { product: 3, available: 3, reserved: 0 },
    ]);
    expect(orders.received('payment')).toHaveLength(1);
    expect(orders.received('mail')).toHaveLength(1);
    expect(orders.received('warehouse')).toHaveLength(1);
    expect(orders.received('analytics')).toHaveLength(1);
    expect(orders.received('alert')).toEqual([]);
  });

  it('refuses a product that does not exist like one that is out of stock', async () => {
    const orderId = await orders.place({
      ...order,
      items: [{ productId: 99, quantity: 1, price: 1 }],
    });

    expect(await orders.state(orderId)).toMatchObject({
      status: 'inventory_failed',
    });
  });

  it('is carried out when the client hangs up before the handler is done', async () => {
    const repository = orders.app.get(OrdersRepository);
    const create = repository.create.bind(repository);
    const begun = deferred();
    const hungUp = deferred();
    const created = deferred<number>();
    repository.create = async (dto) => {
      begun.resolve();
      await hungUp.promise;
      const orderId = await create(dto);
      created.resolve(orderId);
      return orderId;
    };
    const server = orders.app.getHttpServer() as Server;
    const connected = once(server, 'connection');

    const body = JSON.stringify(order);
    const client = connect(orders.port, '127.0.0.1');
    client.write(
      'POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const [connection] = await connected;
    await begun.promise;
    client.destroy();
    await once(connection, 'close');
    hungUp.resolve();
    const orderId = await created.promise;
    Reflect.deleteProperty(repository, 'create');
    await orders.tester.waitFor({ name: 'sendOrderConfirmation' });
    await orders.tester.settled();

    expect(await orders.state(orderId)).toMatchObject({
      status: 'confirmed',
      payment: 'paid',
      reservation: 'reserved',
    });
    expectCharge(orderId);
    expectNotifications(orderId);
    const sent = orders.tester.assertScheduled({
      name: 'sendOrderConfirmation',
      status: 'succeeded',
    });
    expect(sent.response?.delivered).toBe(false);
  });

  it('schedules its five tasks in their phases, those of payment and inventory shielded', async () => {
    const orderId = await orders.place(order);

    const scheduled = orders.tester
      .scheduled()
      .map(({ name, phase, options }) => ({
        name,
        phase,
        shield: options.shield ?? false,
      }));
    orders.tester.assertNothingFailed();
    expect(scheduled).toEqual([
      { name: `payment_${orderId}`, phase: 'immediate', shield: true },
      { name: `inventory_${orderId}`, phase: 'afterRoute', shield: true },
      { name: 'sendOrderConfirmation', phase: 'afterResponse', shield: false },
      { name: 'notifyWarehouse', phase: 'afterResponse', shield: false },
      { name: 'trackOrderEvent', phase: 'afterResponse', shield: false },
    ]);
  });

  it.each(['0', '-1', '999999', '99999999999999999999'])(
    'that does not exist (%s) is not found',
    async (id) => {
      expect((await orders.get(id)).status).toBe(404);
    },
  );

  it.each(['abc', '1.5'])('has no id like %s', async (id) => {
    expect((await orders.get(id)).status).toBe(400);
  });
});
