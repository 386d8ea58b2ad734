import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TaskEvent } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import {
  OrdersPeers,
  type PeerName,
} from '../../../test/samples/01-orders/orders-peers.js';
import { newDatabase } from '../../../test/samples/test-database.js';
import type { Platform } from '../../../test/support/platforms.js';
import { Database } from '../../database/database.js';
import { AppModule } from '../app.module.js';
import { environment, type Environment } from '../environment.js';
import type { OrderState } from '../orders/orders.repository.js';

export interface OrdersFixture {
  readonly app: INestApplication;
  readonly port: number;
  readonly peers: OrdersPeers;
  readonly database: Database;
  /** Records the tasks since {@link OrdersFixture.reset}. */
  readonly tester: TasksTester;
  /** All task events since {@link OrdersFixture.reset}. */
  readonly events: TaskEvent[];
  post(body: unknown): Promise<Response>;
  /** Places an order, which must be accepted, and waits for all of its tasks. */
  place(body: unknown): Promise<number>;
  get(id: number | string): Promise<Response>;
  state(orderId: number): Promise<OrderState>;
  stock(): Promise<StockRow[]>;
  /** The bodies that the peer received. */
  received(peer: PeerName): unknown[];
  /** Forgets all events and requests, and sets the stock of products 1 and 2 to 10, of product 3 to 3. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface StockRow {
  readonly product: number;
  readonly available: number;
  readonly reserved: number;
}

/** The application and its peers, all listening on free ports, with what tests need of them. */
export async function startOrders(
  platform: Platform,
  databaseUrl?: string,
): Promise<OrdersFixture> {
  const own = databaseUrl === undefined ? await newDatabase() : undefined;
  const peers = new OrdersPeers();
  const variables: Environment = {
    PORT: 0,
    DATABASE_URL: databaseUrl ?? own?.url ?? '',
    ...(await peers.listen()),
  };
  const events: TaskEvent[] = [];
  const module = await Test.createTestingModule({
    imports: [
      AppModule.forRoot({ observers: [(event) => void events.push(event)] }),
    ],
  })
    .overrideProvider(environment.KEY)
    .useValue(variables)
    .compile();
  const app = module.createNestApplication(platform.adapter(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/orders`;
  const database = app.get(Database);
  let tester = TasksTester.for(app);

  const post = (body: unknown) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const get = (id: number | string) => fetch(`${url}/${id}`);
  return {
    app,
    port,
    peers,
    database,
    get tester() {
      return tester;
    },
    events,
    post,
    get,
    place: async (body) => {
      const response = await post(body);
      const text = await response.text();
      if (response.status !== 201) throw new Error(text);
      await tester.settled();
      return (JSON.parse(text) as { orderId: number }).orderId;
    },
    state: async (orderId) => (await (await get(orderId)).json()) as OrderState,
    stock: () =>
      database.query(
        'SELECT product_id AS product, available, reserved FROM inventory ORDER BY 1',
      ),
    received: (peer) => peers[peer].received.map(({ body }) => body),
    reset: async () => {
      tester = TasksTester.for(app);
      events.length = 0;
      for (const peer of peers.all) peer.reset();
      await database.query('TRUNCATE orders, reservations');
      await database.query(
        'UPDATE inventory SET reserved = 0, available = CASE product_id WHEN 3 THEN 3 ELSE 10 END',
      );
    },
    close: async () => {
      await app.close();
      await peers.close();
      await own?.drop();
    },
  };
}
