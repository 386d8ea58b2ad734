import type { OrderState } from '../orders/orders.repository.js';
import { DECLINED_TOKEN } from '../peers/orders-peers.js';
import { inOrder, type Checks } from './checks.js';
import type { DemoApp } from './demo-app.js';
import type { DemoPeers, PeerCounts } from './demo-peers.js';
import { orderRows } from './order-rows.js';
import { playHangUp, playOrder, type PlayedOrder } from './play-order.js';
import { renderTimeline } from './timeline.js';

interface Story {
  readonly title: string;
  readonly play: (app: DemoApp) => Promise<PlayedOrder>;
  /** What the tasks leave behind. */
  readonly state: Pick<OrderState, 'status' | 'payment' | 'reservation'>;
  readonly received: PeerCounts;
  /** The task that fails, if one does. */
  readonly failing?: 'payment' | 'inventory';
}

/** The processes read one clock, each through a start time of its own. */
const CLOCK_TOLERANCE_MS = 1;

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

const STORIES: readonly Story[] = [
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

/** Places one order after the other, and shows what became of each. */
export async function showOrders(
  app: DemoApp,
  peers: DemoPeers,
  checks: Checks,
): Promise<void> {
  await peers.slow('payment', 120);
  await peers.slow('mail', 50);
  await peers.slow('warehouse', 30);
  await peers.slow('analytics', 15);
  const malformed = await playOrder(app, { ...ORDER, items: [] });
  const claim = checks.claim(
    'A malformed order is answered with 400, and schedules nothing.',
    malformed.client.status === 400 && malformed.record.tasks.length === 0,
  );
  console.log(`${claim}\n`);
  for (const story of STORIES) {
    const played = await story.play(app);
    const { orderId, client, record } = played;
    const state = await app.state(orderId);
    const received = await peers.received(orderId);
    const lines = [
      renderTimeline({
        title: story.title,
        rows: orderRows(played),
        lines: [client.at],
      }),
      '',
      ...record.tasks
        .filter(({ why }) => why !== undefined)
        .map(({ name, why }) => `  ! ${name}: ${why}`),
      ...(client.status === undefined
        ? claimsOfHangUp(played, checks)
        : claimsOfResponse(played, checks)),
      ...claimsOfEnd(story, { played, state, received }, checks),
    ];
    console.log(`${lines.join('\n')}\n`);
  }
}

function claimsOfResponse(
  { record, client }: PlayedOrder,
  checks: Checks,
): string[] {
  const [payment] = record.ofPhase('immediate');
  const [inventory] = record.ofPhase('afterRoute');
  const later = record.ofPhase('afterResponse');
  return [
    checks.claim(
      'The payment started when the handler had begun; the response did not wait for it.',
      inOrder(record.at('handlerBegan'), payment?.startedAt) &&
        inOrder(record.at('responseEnded'), payment?.settledAt),
    ),
    checks.claim(
      'The stock was settled after the handler returned, and before the client had its response.',
      inOrder(
        record.at('handlerReturned'),
        inventory?.startedAt,
        inventory?.settledAt,
        record.at('responseEnded'),
      ) && inOrder(inventory?.settledAt, client.at + CLOCK_TOLERANCE_MS),
    ),
    checks.claim(
      'Mail, warehouse and analytics started only after the response was sent.',
      later.length === 3 &&
        later.every(
          ({ startedAt, delivered }) =>
            delivered && inOrder(record.at('responseEnded'), startedAt),
        ),
    ),
  ];
}

function claimsOfHangUp({ record }: PlayedOrder, checks: Checks): string[] {
  return [
    checks.claim(
      'The handler went on when the client was gone, and then its tasks ran.',
      inOrder(
        record.at('handlerBegan'),
        record.at('connectionLost'),
        record.at('handlerReturned'),
        record.ofPhase('afterRoute')[0]?.startedAt,
      ),
    ),
    checks.claim(
      'The after-response tasks ran all the same, and know that the response was not delivered.',
      record
        .ofPhase('afterResponse')
        .every(
          ({ startedAt, delivered }) =>
            delivered === false &&
            inOrder(record.at('handlerReturned'), startedAt),
        ),
    ),
  ];
}

function claimsOfEnd(
  story: Story,
  {
    played,
    state,
    received,
  }: { played: PlayedOrder; state: OrderState; received: PeerCounts },
  checks: Checks,
): string[] {
  const { tasks } = played.record;
  const { status, payment, reservation } = story.state;
  const counts = Object.entries(story.received);
  const told = counts.map(([peer, count]) => `${peer} ${count}`).join(', ');
  return [
    checks.claim(
      story.failing
        ? `The ${story.failing} task failed, and no other.`
        : 'All five tasks succeeded.',
      tasks.length === 5 &&
        tasks.every(({ name, outcome }) => {
          const fails = story.failing && name.startsWith(`${story.failing}_`);
          return outcome === (fails ? 'failed' : 'succeeded');
        }),
    ),
    checks.claim(
      `GET /orders/${played.orderId}: status ${status}, payment ${payment}, reservation ${reservation}.`,
      state.status === status &&
        state.payment === payment &&
        state.reservation === reservation,
    ),
    checks.claim(
      `Requests that the peers received: ${told}.`,
      counts.every(
        ([peer, count]) => received[peer as keyof PeerCounts] === count,
      ),
    ),
  ];
}
