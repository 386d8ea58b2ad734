import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Report } from '../../../sample/.demo/report.js';
import { requestRows } from '../../../sample/.demo/scene-rows.js';
import type { OrderState } from '../../../sample/01-orders/orders/orders.repository.js';
import type { DemoPeers } from './demo-peers.js';
import { orderClaims, type OrderScene } from './order-claims.js';
import { DECLINED_TOKEN } from './orders-peers.js';
import { ORDER, playHangUp, playOrder } from './play-order.js';

const TOO_MUCH = [...ORDER.items, { productId: 3, quantity: 6, price: 5 }];

const CONFIRMED: Pick<OrderScene, 'state' | 'received'> = {
  state: { status: 'confirmed', payment: 'paid', reservation: 'reserved' },
  received: { payment: 1, mail: 1, warehouse: 1, analytics: 1, alert: 0 },
};

const SCENES: readonly OrderScene[] = [
  {
    title: 'A. An order that goes well',
    play: (app) => playOrder(app, ORDER),
    ...CONFIRMED,
  },
  {
    title: 'B. The card is declined',
    play: (app) => playOrder(app, { ...ORDER, paymentToken: DECLINED_TOKEN }),
    state: {
      status: 'payment_failed',
      payment: 'failed',
      reservation: 'reserved',
    },
    received: { ...CONFIRMED.received, alert: 1 },
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
    received: CONFIRMED.received,
    failing: 'inventory',
  },
  {
    title: 'D. The client hangs up while the handler waits for the database',
    play: (app) => playHangUp(app, ORDER),
    ...CONFIRMED,
  },
];

/** Places one order after the other, and shows the effects of each. */
export async function playScenes(
  app: DemoApp,
  peers: DemoPeers,
  report: Report,
): Promise<void> {
  await peers.slow({ payment: 120, mail: 50, warehouse: 30, analytics: 15 });
  const malformed = await playOrder(app, { ...ORDER, items: [] });
  report.claim('A malformed order', [
    [
      'A malformed order is answered with 400, and schedules nothing.',
      malformed.client.status === 400 && malformed.record.tasks.length === 0,
    ],
  ]);
  for (const scene of SCENES) {
    const played = await scene.play(app);
    const { orderId, client, record } = played;
    const order = await app.send(`/orders/${orderId}`);
    const state = order.body as OrderState;
    const received = await peers.received(orderId);
    report.show({
      title: scene.title,
      rows: requestRows(record, client),
      lines: [client.at],
      notes: record.tasks
        .filter(({ why }) => why !== undefined)
        .map(({ name, why }) => `${name}: ${why}`),
      claims: orderClaims(scene, played, { state, received }),
    });
  }
}
