import { inOrder } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import type { AppRecord } from './app-record.js';
import type { TrackedEvents } from './demo-app.js';
import { clientRow, momentRow, taskRows } from './scene-rows.js';
import type { Stage } from './stage.js';

const SERVICE_TITLE = 'B. The service is out of order';
const BOTH_TITLE = 'C. The service and the database are out of order';

/** The service fails, and the database takes the batch; gives the ids of its events. */
export async function showFallback(stage: Stage): Promise<readonly string[]> {
  const { alerts, checks } = stage;
  checks.begin(SERVICE_TITLE);
  const { record, tracked } = await playOutage(stage);
  const lines = [
    timelineOf(SERVICE_TITLE, record, tracked, 'saves the batch'),
    '',
    ...claimsOfFailure(stage, record),
    checks.claim(
      'The error handler saved the ten events. There was no alert.',
      record.at('fellBack') !== undefined && alerts.texts.length === 0,
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
  return tracked.ids;
}

/** Both fail: ten events are lost, and an alert says so. */
export async function showLoss(stage: Stage): Promise<void> {
  const { app, alerts, checks } = stage;
  checks.begin(BOTH_TITLE);
  await app.ask('breakDatabase');
  const { record, tracked } = await playOutage(stage);
  await app.ask('mendDatabase');
  const [text = ''] = alerts.texts;
  const lines = [
    timelineOf(BOTH_TITLE, record, tracked, 'raises the alert'),
    '',
    ...text.split('\n').map((line) => `  ! ${line}`),
    ...claimsOfFailure(stage, record),
    checks.claim(
      'One alert was raised. It counts ten lost events.',
      alerts.texts.length === 1 && text.endsWith('\nLost 10 events'),
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
}

async function playOutage({ app, service }: Stage) {
  service.react = () => 'refuse';
  service.delayMs = 20;
  app.beginScene();
  const tracked = await app.track(7, 10);
  await app.ask('waitUntilIdle');
  return { record: app.record(tracked.sentAt), tracked };
}

function timelineOf(
  title: string,
  record: AppRecord,
  tracked: TrackedEvents,
  handlerDoes: string,
): string {
  return renderTimeline({
    title,
    rows: [
      clientRow('tracks ten events', tracked, tracked.sentAt),
      ...record.tasks.flatMap((task) => taskRows(task)),
      ...momentRow('error handler', handlerDoes, record.at('fellBack')),
    ],
    lines: [tracked.answeredAt - tracked.sentAt],
  });
}

function claimsOfFailure({ checks }: Stage, record: AppRecord): string[] {
  const [batch] = record.tasks;
  return [
    checks.claim(
      'The batch was tried three times. Only then was its error handler told.',
      record.tasks.length === 1 &&
        batch?.outcome === 'failed' &&
        batch.attempts.length === 3 &&
        inOrder(batch.attempts[2]?.to, record.at('fellBack')),
    ),
  ];
}
