import type { OrderState } from '../orders/orders.repository.js';
import { DECLINED_TOKEN } from '../peers/orders-peers.js';
import type { DemoApp } from './demo-app.js';
import type { PeerCounts } from './demo-peers.js';
import { playHangUp, playOrder, type PlayedOrder } from './play-order.js';

export interface OrderStory {
  readonly title: string;
  readonly play: (app: DemoApp) => Promise<PlayedOrder>;
  /** What the tasks leave behind. */
  readonly state: Pick<OrderState, 'status' | 'payment' | 'reservation'>;
  readonly received: PeerCounts;
  /** The task that fails, if one does. */
  readonly failing?: 'payment' | 'inventory';
}

export const ORDER = {
  userId: 7,
  email: 'ada@example.com',
  items: [
    { productId: 1, quantity: 2, price: 19.99 },
    { productId: 2, quantity: 3, price: 0.1 },
  ],
  paymentToken: 'tok_visa',
};
const TOO_MUCH = [...ORDER.items, { productId: 3, quantity: 6, price: 5 }];

export const ORDER_STORIES: readonly OrderStory[] = [
  {
    title: 'A. An order that goes well',
    play: (app) => playOrder(app, ORDER),
    state: { status: 'confirmed', payment: 'paid', reservation: 'reserved' },
    received: { payment: 1, mail: 1, warehouse: 1, analytics: 1, alert: 0 },
  },
  {
    title: 'B. The card is declined',
    play: (app) => playOrder(app, { ...ORDER, paymentToken: DECLINED_TOKEN }),
    state: {
      status: 'payment_failed',
      payment: 'failed',
      reservation: 'reserved',
    },
    received: { payment: 1, mail: 1, warehouse: 1, analytics: 1, alert: 1 },
    failing: 'payment',
  },
  {
    title: 'C. There is not enough stock',
    play: (app) => playOrder(app, { ...ORDER, items: TOO_MUCH }),
    state: {
      status: 'inventory_failed',
      payment: 'paid',
      reservation: 'failed',
    },
    received: { payment: 1, mail: 1, warehouse: 1, analytics: 1, alert: 0 },
    failing: 'inventory',
  },
  {
    title: 'D. The client hangs up while the handler waits for the database',
    play: (app) => playHangUp(app, ORDER),
    state: { status: 'confirmed', payment: 'paid', reservation: 'reserved' },
    received: { payment: 1, mail: 1, warehouse: 1, analytics: 1, alert: 0 },
  },
];
