import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { postgresSchema } from '../../test/samples/postgres-schema.js';
import { platforms } from '../../test/support/platforms.js';
import type { CreateOrder } from './orders/create-order.dto.js';
import { startOrders, type OrdersFixture } from './test/orders-fixture.js';

const orderOf = (...products: number[]): CreateOrder => ({
  userId: 7,
  email: 'ada@example.com',
  items: products.map((productId) => ({ productId, quantity: 1, price: 5 })),
  paymentToken: 'tok_visa',
});

/** The tests for any PostgreSQL. */
function sellsNoMoreThanThereIs(
  database: string,
  openDatabase: () => Promise<string>,
  dropDatabase = async () => {},
): void {
  describe.each(platforms)(`orders on ${database} over $name`, (platform) => {
    let orders: OrdersFixture;
    beforeAll(async () => {
      orders = await startOrders(platform, await openDatabase());
    }, 30_000);
    beforeEach(() => orders.reset());
    afterAll(async () => {
      await orders.close();
      await dropDatabase();
    });

    const placeAll = async (placed: CreateOrder[]) => {
      const ids = await Promise.all(placed.map((dto) => orders.place(dto)));
      return Promise.all(ids.map((orderId) => orders.state(orderId)));
    };

    it('are confirmed', async () => {
      const orderId = await orders.place(orderOf(1, 2));

      expect(await orders.state(orderId)).toMatchObject({
        orderId,
        items: orderOf(1, 2).items,
        total: 10,
        status: 'confirmed',
      });
    });

    it('never sell more than there is when they come at once', async () => {
      const states = await placeAll(Array(10).fill(orderOf(1, 3)));

      const outcomes = states.map(({ reservation }) => reservation).sort();
      expect(outcomes).toEqual([
        ...Array(7).fill('failed'),
        ...Array(3).fill('reserved'),
      ]);
      expect(await orders.stock()).toEqual([
        { product: 1, available: 7, reserved: 3 },
        { product: 2, available: 10, reserved: 0 },
        { product: 3, available: 0, reserved: 3 },
      ]);
    });

    it('do not block each other when they name the same products in another order', async () => {
      const states = await placeAll(
        Array.from({ length: 10 }, (_, index) =>
          index % 2 ? orderOf(1, 2) : orderOf(2, 1),
        ),
      );

      expect(states.map(({ status }) => status)).toEqual(
        Array(10).fill('confirmed'),
      );
    });

    it('count a product that is named twice twice', async () => {
      const [state] = await placeAll([orderOf(3, 3, 3, 3)]);

      expect(state?.reservation).toBe('failed');
      expect(await orders.stock()).toContainEqual({
        product: 3,
        available: 3,
        reserved: 0,
      });
    });
  });
}

sellsNoMoreThanThereIs('the embedded PostgreSQL', async () => 'memory://');

const schema = await postgresSchema('orders');
if (schema) {
  sellsNoMoreThanThereIs('a PostgreSQL server', schema.create, schema.drop);
} else {
  it.skip('orders on a PostgreSQL server', () => {});
}
