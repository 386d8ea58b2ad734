import { rowsIn } from '../test-database.js';
import { batchRows, clientRow, track, type Stage } from './stage.js';

const RESEND = 'analytics.resend';

/** The timer sends the events in the buffers and in the database. */
export async function playRestart(
  stage: Stage,
  earlier: readonly string[],
  databaseUrl: string,
): Promise<void> {
  const { app, service, report } = stage;
  service.delayMs = 0;
  const tracked = await track(stage, 8, 3);
  const start = tracked.sentAt;
  const ids = [...earlier, ...tracked.ids];
  const accepted = () => service.events.map((event) => event.event_id);
  await app.until(() => isSame(accepted(), ids));
  await app.ask('waitUntilIdle');
  const record = app.record(start);
  await app.stop(start);

  const resend = record.task(RESEND);
  const batches = record.tasks.filter(({ name }) => name !== RESEND);
  const [left] = await rowsIn<{ count: number }>(
    databaseUrl,
    'SELECT count(*)::integer AS count FROM analytics_events',
  );
  report.show({
    title: 'F. It is started again, and its timer runs',
    rows: [
      clientRow('tracks three events', tracked, start),
      ...[...batches, resend].flatMap((task) => batchRows(task, 'timer')),
    ],
    lines: [tracked.answeredAt - start],
    claims: [
      [
        'The timer sent the three events, and what the service had missed.',
        [...batches, resend].every(({ outcome }) => outcome === 'succeeded'),
      ],
      [
        `Of ${ids.length + 10} events in all, ${ids.length} are at the service, each once; 10 were lost in C.`,
        accepted().length === ids.length,
      ],
      ['Nothing is left in the database.', left?.count === 0],
    ],
  });
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  const all = new Set([...some, ...others]);
  return all.size === new Set(some).size && all.size === new Set(others).size;
}
