import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import { inOrder, type Claim } from '../../../sample/.demo/report.js';
import type { OrderState } from '../../../sample/01-orders/orders/orders.repository.js';
import type { PeerCounts } from './demo-peers.js';
import type { PlayedOrder } from './play-order.js';

export interface OrderScene {
  readonly title: string;
  readonly play: (app: DemoApp) => Promise<PlayedOrder>;
  /** The state of the order when its tasks have ended. */
  readonly state: Pick<OrderState, 'status' | 'payment' | 'reservation'>;
  readonly received: PeerCounts;
  /** The task that fails, if one does. */
  readonly failing?: 'payment' | 'inventory';
}

/** The clocks of two processes start at times that are rounded independently. */
const CLOCK_TOLERANCE_MS = 1;

/** What the order has changed in the database and at the peers. */
export interface OrderEffects {
  readonly state: OrderState;
  readonly received: PeerCounts;
}

export function orderClaims(
  scene: OrderScene,
  played: PlayedOrder,
  effects: OrderEffects,
): Claim[] {
  return [
    ...(played.client.status === undefined
      ? hangUpClaims(played)
      : responseClaims(played)),
    ...effectClaims(scene, played, effects),
  ];
}

function responseClaims({ record, client }: PlayedOrder): Claim[] {
  const [payment] = record.ofPhase('immediate');
  const [inventory] = record.ofPhase('afterRoute');
  const later = record.ofPhase('afterResponse');
  const responseEnded = record.at('responseEnded');
  return [
    [
      'The payment started when the handler had begun; the response did not wait for it.',
      inOrder(record.at('handlerBegan'), payment?.startedAt) &&
        inOrder(responseEnded, payment?.settledAt),
    ],
    [
      'The stock was settled after the handler returned, and before the client had its response.',
      inOrder(
        record.at('handlerEnded'),
        inventory?.startedAt,
        inventory?.settledAt,
        responseEnded,
      ) && inOrder(inventory?.settledAt, client.at + CLOCK_TOLERANCE_MS),
    ],
    [
      'Mail, warehouse and analytics started only after the response was sent.',
      later.length === 3 &&
        later.every(
          ({ startedAt, delivered }) =>
            delivered && inOrder(responseEnded, startedAt),
        ),
    ],
  ];
}

function hangUpClaims({ record }: PlayedOrder): Claim[] {
  return [
    [
      'The handler went on when the client was gone, and then its tasks ran.',
      inOrder(
        record.at('handlerBegan'),
        record.at('connectionLost'),
        record.at('handlerEnded'),
        record.ofPhase('afterRoute')[0]?.startedAt,
      ),
    ],
    [
      'The after-response tasks ran all the same, and know that the response was not delivered.',
      record
        .ofPhase('afterResponse')
        .every(
          ({ startedAt, delivered }) =>
            delivered === false &&
            inOrder(record.at('handlerEnded'), startedAt),
        ),
    ],
  ];
}

function effectClaims(
  { failing, state: expected, received }: OrderScene,
  { orderId, record }: PlayedOrder,
  effects: OrderEffects,
): Claim[] {
  const { status, payment, reservation } = expected;
  const counts = Object.entries(received);
  const listed = counts.map(([peer, count]) => `${peer} ${count}`).join(', ');
  return [
    [
      failing
        ? `The ${failing} task failed, and no other.`
        : 'All five tasks succeeded.',
      record.tasks.length === 5 &&
        record.tasks.every(({ name, outcome }) => {
          const fails = failing && name.startsWith(`${failing}_`);
          return outcome === (fails ? 'failed' : 'succeeded');
        }),
    ],
    [
      `GET /orders/${orderId}: status ${status}, payment ${payment}, reservation ${reservation}.`,
      effects.state.status === status &&
        effects.state.payment === payment &&
        effects.state.reservation === reservation,
    ],
    [
      `Requests that the peers received: ${listed}.`,
      counts.every(
        ([peer, count]) => effects.received[peer as keyof PeerCounts] === count,
      ),
    ],
  ];
}
