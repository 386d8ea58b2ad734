import type { OrderState } from '../orders/orders.repository.js';
import { inOrder, type Checks } from './checks.js';
import type { PeerCounts } from './demo-peers.js';
import type { OrderStory } from './order-stories.js';
import type { PlayedOrder } from './play-order.js';

/** The processes read one clock, each through a start time of its own. */
const CLOCK_TOLERANCE_MS = 1;

/** What the order left behind: in the database, and at the peers. */
export interface OrderRemains {
  readonly state: OrderState;
  readonly received: PeerCounts;
}

/** Checks an order against its story; gives the lines that say so. */
export function orderClaims(
  story: OrderStory,
  played: PlayedOrder,
  remains: OrderRemains,
  checks: Checks,
): string[] {
  return [
    ...(played.client.status === undefined
      ? claimsOfHangUp(played, checks)
      : claimsOfResponse(played, checks)),
    ...claimsOfEnd(story, played, remains, checks),
  ];
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
  story: OrderStory,
  played: PlayedOrder,
  { state, received }: OrderRemains,
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
