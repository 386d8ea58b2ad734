import { flap, FLAPS } from './flap.js';
import { track, type Stage } from './stage.js';

const TITLE = 'D. Two hundred clients at once, while the service flaps';
const CLIENTS = 200;
const EVENTS_OF_EACH = 6;
/** Five clients share one: its thirty events are three batches. */
const USERS = 40;
/** In each of them, a batch is at the service, in the database, or in both. */
const DEMO_FLAPS = FLAPS.slice(0, 6);

/** Returns the ids of all events. */
export async function playClients(stage: Stage): Promise<readonly string[]> {
  const { app, service, alerts, report } = stage;
  const before = new Set(service.deliveries.keys());
  service.react = (delivery) => flap(delivery, DEMO_FLAPS);
  service.delayMs = 0;
  app.beginScene();
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    track(stage, 1 + (client % USERS), EVENTS_OF_EACH),
  );
  const tracked = await Promise.all(clients);
  await app.ask('waitUntilIdle');

  const { tasks } = app.record(0);
  const failed = tasks.filter(({ outcome }) => outcome === 'failed').length;
  const ids = tracked.flatMap((events) => events.ids);
  const accepted = service.events.map((event) => event.event_id);
  const batches = (CLIENTS * EVENTS_OF_EACH) / 10;
  const deliveries = [...service.deliveries].filter(([id]) => !before.has(id));
  const count = deliveries.reduce((sum, [, each]) => sum + each, 0);
  const arrived = deliveries.filter(([id]) => service.batches.has(id)).length;
  report.print(
    TITLE,
    '  The service refuses batches, breaks connections, and takes batches whose answers are lost.',
    '',
    `  ${ids.length} events, ${deliveries.length} batches, ${count} deliveries`,
    `  ${arrived} batches are at the service, ${failed} in the database, ` +
      `${arrived + failed - deliveries.length} of them in both`,
    '',
  );
  report.claim(TITLE, [
    [
      `${CLIENTS} clients tracked ${CLIENTS * EVENTS_OF_EACH} events, which made ${batches} batches.`,
      new Set(ids).size === CLIENTS * EVENTS_OF_EACH &&
        tasks.length === batches &&
        deliveries.length === batches,
    ],
    [
      'No event is at the service twice, although batches were.',
      new Set(accepted).size === accepted.length && count > deliveries.length,
    ],
    [
      'No alert was raised: what is not at the service is in the database.',
      failed > 0 && alerts.texts.length === 0,
    ],
  ]);
  return ids;
}
