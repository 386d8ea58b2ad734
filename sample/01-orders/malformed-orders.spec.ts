import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import { startOrders, type OrdersFixture } from './test/orders-fixture.js';

const item = { productId: 1, quantity: 1, price: 9.99 };
const order = {
  userId: 7,
  email: 'ada@example.com',
  items: [item],
  paymentToken: 'tok_visa',
};
const without = (key: keyof typeof order) => ({ ...order, [key]: undefined });
const withItem = (changes: object) => ({
  ...order,
  items: [{ ...item, ...changes }],
});

const malformed: Readonly<Record<string, unknown>> = {
  'is no JSON': '{"userId": ',
  'is empty': '',
  'is null': 'null',
  'is a list': [order],
  'is an empty object': {},
  'has no user': without('userId'),
  'has a user that is text': { ...order, userId: '7' },
  'has a user beyond what the database can hold': { ...order, userId: 2 ** 31 },
  'has no email': without('email'),
  'has an email that is none': { ...order, email: 'ada' },
  'has several emails': { ...order, email: ['a@example.com', 'b@example.com'] },
  'has no token': without('paymentToken'),
  'has an empty token': { ...order, paymentToken: '' },
  'has an unknown property': { ...order, discount: 100 },
  'has no items': without('items'),
  'has an empty list of items': { ...order, items: [] },
  'has too many items': { ...order, items: Array(21).fill(item) },
  'has one item that is no list': { ...order, items: item },
  'has an item that is null': { ...order, items: [null] },
  'has an item that is a number': { ...order, items: [1] },
  'has an item that is a list': { ...order, items: [[item]] },
  'has an item with an unknown property': withItem({ free: true }),
  'has an item without a product': withItem({ productId: undefined }),
  'has an item without a quantity': withItem({ quantity: undefined }),
  'has an item with quantity 0': withItem({ quantity: 0 }),
  'has an item with a negative quantity': withItem({ quantity: -1 }),
  'has an item with half a quantity': withItem({ quantity: 1.5 }),
  'has an item with a quantity that is text': withItem({ quantity: '1' }),
  'has an item with a huge quantity': withItem({ quantity: 1e9 }),
  'has an item without a price': withItem({ price: undefined }),
  'has an item with price 0': withItem({ price: 0 }),
  'has an item with a negative price': withItem({ price: -9.99 }),
  'has an item with a price of fractions of a cent': withItem({ price: 9.999 }),
  'has an item with a price that is next to nothing': withItem({ price: 1e-7 }),
  'has an item with a price that is text': withItem({ price: '9.99' }),
};

describe.each(platforms)('a malformed order over $name', (platform) => {
  let orders: OrdersFixture;
  beforeAll(async () => {
    orders = await startOrders(platform);
  }, 30_000);
  beforeEach(() => orders.reset());
  afterAll(() => orders.close());

  it.each(Object.entries(malformed))(
    'that %s is a 400, and schedules and writes nothing',
    async (_what, body) => {
      const response = await orders.post(body);

      expect(response.status).toBe(400);
      expect(orders.tester.scheduled()).toEqual([]);
      expect(await orders.database.query('SELECT id FROM orders')).toEqual([]);
    },
  );

  it('says what is wrong with it', async () => {
    const response = await orders.post(withItem({ quantity: 0 }));

    expect(await response.json()).toMatchObject({
      message: ['items.0.quantity must be a positive number'],
    });
  });
});
