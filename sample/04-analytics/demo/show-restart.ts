import { PGlite } from '@electric-sql/pglite';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import { clientRow, taskRows } from './scene-rows.js';
import type { Stage } from './stage.js';

const TITLE = 'F. It is started again, and its timer runs';

const RESEND = 'analytics.resend';

/** The timer sends what waits in the buffers, and what waits in the database. */
export async function showRestart(
  { app, service, checks }: Stage,
  earlier: readonly string[],
  databaseUrl: string,
): Promise<void> {
  checks.begin(TITLE);
  service.delayMs = 0;
  const tracked = await app.track(8, 3);
  const start = tracked.sentAt;
  const ids = [...earlier, ...tracked.ids];
  const taken = () => service.events.map((event) => event.event_id);
  await app.until(() => isSame(taken(), ids));
  await app.ask('waitUntilIdle');
  const record = app.record(start);
  app.terminate();
  await app.exited;

  const [resend] = record.tasks.filter(({ name }) => name === RESEND);
  const batches = record.tasks.filter(({ name }) => name !== RESEND);
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        clientRow('tracks three events', tracked, start),
        ...[...batches, resend!].flatMap((task) => taskRows(task, 'timer')),
      ],
      lines: [tracked.answeredAt - start],
    }),
    '',
    checks.claim(
      'The timer sent the three events, and what the service had missed.',
      [...batches, resend].every((task) => task?.outcome === 'succeeded'),
    ),
    checks.claim(
      `Of ${ids.length + 10} events in all, ${ids.length} are at the service, each once; 10 were lost in C.`,
      taken().length === ids.length,
    ),
    checks.claim(
      'Nothing is left in the database.',
      (await countIn(databaseUrl)) === 0,
    ),
  ];
  console.log(lines.join('\n'));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  const all = new Set([...some, ...others]);
  return all.size === new Set(some).size && all.size === new Set(others).size;
}

async function countIn(databaseUrl: string): Promise<number | undefined> {
  const database = new PGlite(databaseUrl);
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM analytics_events',
  );
  await database.close();
  return rows[0]?.count;
}
