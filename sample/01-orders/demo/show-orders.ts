import type { Checks } from './checks.js';
import type { DemoApp } from './demo-app.js';
import type { DemoPeers } from './demo-peers.js';
import { orderClaims } from './order-claims.js';
import { orderRows } from './order-rows.js';
import { ORDER, ORDER_STORIES } from './order-stories.js';
import { playOrder } from './play-order.js';
import { renderTimeline } from './timeline.js';

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
  checks.begin('A malformed order');
  const malformed = await playOrder(app, { ...ORDER, items: [] });
  const claim = checks.claim(
    'A malformed order is answered with 400, and schedules nothing.',
    malformed.client.status === 400 && malformed.record.tasks.length === 0,
  );
  console.log(`${claim}\n`);
  for (const story of ORDER_STORIES) {
    checks.begin(story.title);
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
      ...orderClaims(story, played, { state, received }, checks),
    ];
    console.log(`${lines.join('\n')}\n`);
  }
}
