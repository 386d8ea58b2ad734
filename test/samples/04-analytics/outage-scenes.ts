import { inOrder, type Claim } from '../../../sample/.demo/report.js';
import { momentRow } from '../../../sample/.demo/scene-rows.js';
import { batchRows, clientRow, track, type Stage } from './stage.js';

interface Outage {
  readonly title: string;
  /** What the error handler does. */
  readonly handlerDoes: string;
  /** The claim about the alerts; the error handler must have run as well. */
  claimOf(alerts: readonly string[]): Claim;
}

const OF_THE_SERVICE: Outage = {
  title: 'B. The service is out of order',
  handlerDoes: 'saves the batch',
  claimOf: (alerts) => [
    'The error handler saved the ten events. There was no alert.',
    alerts.length === 0,
  ],
};

const OF_BOTH: Outage = {
  title: 'C. The service and the database are out of order',
  handlerDoes: 'raises the alert',
  claimOf: (alerts) => [
    'One alert was raised. It counts ten lost events.',
    alerts.length === 1 && alerts[0]?.endsWith('\nLost 10 events') === true,
  ],
};

/** The service fails, and the database takes the batch; returns the ids of its events. */
export function playFallback(stage: Stage): Promise<readonly string[]> {
  return playOutage(stage, OF_THE_SERVICE);
}

/** Both fail: ten events are lost, and an alert says so. */
export async function playLoss(stage: Stage): Promise<void> {
  const rename = (from: string, to: string) =>
    stage.app.ask({ sql: `ALTER TABLE ${from} RENAME TO ${to}` });
  await rename('analytics_events', 'broken');
  await playOutage(stage, OF_BOTH);
  await rename('broken', 'analytics_events');
}

async function playOutage(
  stage: Stage,
  { title, handlerDoes, claimOf }: Outage,
): Promise<readonly string[]> {
  const { app, service, alerts, report } = stage;
  service.react = () => 'refuse';
  service.delayMs = 20;
  app.beginScene();
  const tracked = await track(stage, 7, 10);
  await app.ask('waitUntilIdle');

  const record = app.record(tracked.sentAt);
  const [batch] = record.tasks;
  const fallbackEnded = record.at('fallbackEnded');
  const [claim, holds] = claimOf(alerts.texts);
  report.show({
    title,
    rows: [
      clientRow('tracks ten events', tracked, tracked.sentAt),
      ...record.tasks.flatMap((task) => batchRows(task)),
      ...momentRow('error handler', handlerDoes, fallbackEnded),
    ],
    lines: [tracked.answeredAt - tracked.sentAt],
    notes: alerts.texts.flatMap((text) => text.split('\n')),
    claims: [
      [
        'The batch was tried three times. Only then was its error handler told.',
        record.tasks.length === 1 &&
          batch?.outcome === 'failed' &&
          batch.attempts.length === 3 &&
          inOrder(batch.attempts[2]?.to, fallbackEnded),
      ],
      [claim, holds && fallbackEnded !== undefined],
    ],
  });
  return tracked.ids;
}
