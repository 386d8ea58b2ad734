import type { Delivery, Reaction } from '../peers/analytics-peer.js';
import type { Stage } from './stage.js';

const TITLE = 'D. Two hundred clients at once, while the service flaps';
const CLIENTS = 200;
const EVENTS_OF_EACH = 6;
/** Five clients share one: its thirty events are three batches. */
const USERS = 40;

/** What becomes of the deliveries of a batch; its task makes three of them. */
const FLAPS: readonly (readonly Reaction[])[] = [
  ['accept'],
  ['refuse', 'accept'],
  ['loseAnswer', 'accept'],
  ['loseRequest', 'loseAnswer', 'accept'],
  ['refuse', 'loseRequest', 'refuse'],
  ['loseAnswer', 'loseAnswer', 'loseAnswer'],
];

function flap({ place, count }: Delivery): Reaction {
  return FLAPS[place % FLAPS.length]?.[count - 1] ?? 'accept';
}

/** Gives the ids of all events. */
export async function showClients({
  app,
  service,
  alerts,
  checks,
}: Stage): Promise<readonly string[]> {
  checks.begin(TITLE);
  const before = new Set(service.deliveries.keys());
  service.react = flap;
  service.delayMs = 0;
  app.beginScene();
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    app.track(1 + (client % USERS), EVENTS_OF_EACH),
  );
  const tracked = await Promise.all(clients);
  await app.ask('waitUntilIdle');

  const { tasks } = app.record(0);
  const failed = tasks.filter(({ outcome }) => outcome === 'failed').length;
  const ids = tracked.flatMap((events) => events.ids);
  const taken = service.events.map((event) => event.event_id);
  const batches = (CLIENTS * EVENTS_OF_EACH) / 10;
  const deliveries = [...service.deliveries].filter(([id]) => !before.has(id));
  const count = deliveries.reduce((sum, [, each]) => sum + each, 0);
  const arrived = deliveries.filter(([id]) => service.batches.has(id)).length;
  const lines = [
    TITLE,
    `  The service refuses batches, breaks connections, and takes batches whose answers are lost.`,
    '',
    `  ${ids.length} events, ${deliveries.length} batches, ${count} deliveries`,
    `  ${arrived} batches are at the service, ${failed} in the database, ` +
      `${arrived + failed - deliveries.length} of them in both`,
    '',
    checks.claim(
      `${CLIENTS} clients tracked ${CLIENTS * EVENTS_OF_EACH} events, which made ${batches} batches.`,
      new Set(ids).size === CLIENTS * EVENTS_OF_EACH &&
        tasks.length === batches &&
        deliveries.length === batches,
    ),
    checks.claim(
      'No event is at the service twice, although batches were.',
      new Set(taken).size === taken.length && count > deliveries.length,
    ),
    checks.claim(
      'No alert was raised: what is not at the service is in the database.',
      failed > 0 && alerts.texts.length === 0,
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
  return ids;
}
