import { inOrder } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import { clientRow, momentRow, taskRows } from './scene-rows.js';
import type { Stage } from './stage.js';

const TITLE = 'E. The application is stopped while events wait';

/** Stops the application by a signal; gives the ids of the events that waited. */
export async function showShutdown({
  app,
  service,
  checks,
}: Stage): Promise<readonly string[]> {
  checks.begin(TITLE);
  service.react = () => 'accept';
  service.delayMs = 200;
  app.beginScene();
  const tracked = await app.track(7, 3);
  const start = tracked.sentAt;
  const waiting = app.record(start).tasks.length;
  const signalAt = wallClock() - start;
  app.terminate();
  const { signal } = await app.exited;
  const endedAt = wallClock() - start;

  const record = app.record(start);
  const [batch] = record.tasks;
  const closingAt = record.at('databaseClosing');
  const taken = new Set(service.events.map((event) => event.event_id));
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        clientRow('tracks three events', tracked, start),
        ...momentRow('process', 'gets SIGTERM', signalAt),
        ...record.tasks.flatMap((task) => taskRows(task)),
        ...momentRow('process', 'closes the database', closingAt),
        ...momentRow('', 'has ended', endedAt, `by ${signal}`),
      ],
      lines: [tracked.answeredAt - start],
    }),
    '',
    checks.claim(
      'The three events waited for others. At the signal they were sent.',
      waiting === 0 &&
        record.tasks.length === 1 &&
        batch?.outcome === 'succeeded' &&
        inOrder(signalAt, batch.scheduledAt),
    ),
    checks.claim(
      'The shutdown waited for them, with the database open, and they are at the service.',
      inOrder(batch?.settledAt, closingAt, endedAt) &&
        tracked.ids.every((id) => taken.has(id)),
    ),
    checks.claim(
      'The process ended by the signal, as it would without the library.',
      signal === 'SIGTERM',
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
  return tracked.ids;
}
