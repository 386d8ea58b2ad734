import { inOrder } from '../../../sample/.demo/report.js';
import { momentRow } from '../../../sample/.demo/scene-rows.js';
import { batchRows, clientRow, track, type Stage } from './stage.js';

/** Stops the application by a signal; returns the ids of the events that waited. */
export async function playShutdown(stage: Stage): Promise<readonly string[]> {
  const { app, service, report } = stage;
  service.react = () => 'accept';
  service.delayMs = 200;
  app.beginScene();
  const tracked = await track(stage, 7, 3);
  const start = tracked.sentAt;
  const waiting = app.record(start).tasks.length;
  const { signalAt, closingAt, endedAt, signal } = await app.stop(start);

  const record = app.record(start);
  const [batch] = record.tasks;
  const accepted = new Set(service.events.map((event) => event.event_id));
  report.show({
    title: 'E. The application is stopped while events wait',
    rows: [
      clientRow('tracks three events', tracked, start),
      ...momentRow('process', 'gets SIGTERM', signalAt),
      ...record.tasks.flatMap((task) => batchRows(task)),
      ...momentRow('process', 'closes the database', closingAt),
      ...momentRow('', 'has ended', endedAt, `by ${signal}`),
    ],
    lines: [tracked.answeredAt - start],
    claims: [
      [
        'The three events waited for others. At the signal they were sent.',
        waiting === 0 &&
          record.tasks.length === 1 &&
          batch?.outcome === 'succeeded' &&
          inOrder(signalAt, batch.scheduledAt),
      ],
      [
        'The shutdown waited for them, with the database open, and they are at the service.',
        inOrder(batch?.settledAt, closingAt, endedAt) &&
          tracked.ids.every((id) => accepted.has(id)),
      ],
      [
        'The process ended by the signal, as it would without the library.',
        signal === 'SIGTERM',
      ],
    ],
  });
  return tracked.ids;
}
