import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import type { Reaction } from '../peers/analytics-peer.js';
import { clientRow, taskRows } from './scene-rows.js';
import type { Stage } from './stage.js';

const TITLE = 'A. Ten events of a user';

/** Nine events wait, the tenth sends them; gives the ids of all. */
export async function showBatch({
  app,
  service,
  checks,
}: Stage): Promise<readonly string[]> {
  checks.begin(TITLE);
  let release: (reaction: Reaction) => void = () => {};
  const reaction = new Promise<Reaction>((resolve) => (release = resolve));
  service.react = () => reaction;
  app.beginScene();
  const nine = await app.track(7, 9);
  const start = nine.sentAt;
  const waiting = app.record(start).tasks.length;
  const tenth = await app.track(7, 1);
  // Only to make the picture clear.
  await setTimeout(30);
  release('accept');
  await app.ask('waitUntilIdle');

  const { tasks } = app.record(start);
  const [batch] = tasks;
  const ids = [...nine.ids, ...tenth.ids];
  const answered = tenth.answeredAt - start;
  const [events] = service.batches.values();
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        clientRow('tracks 1 to 9', nine, start),
        clientRow('tracks the tenth', tenth, start),
        ...tasks.flatMap((task) => taskRows(task)),
      ],
      lines: [answered],
    }),
    '',
    checks.claim(
      'Nine events were answered, and no task was scheduled.',
      nine.ids.length === 9 && waiting === 0,
    ),
    checks.claim(
      'The tenth scheduled one, and its response did not wait for the service.',
      tasks.length === 1 &&
        batch?.outcome === 'succeeded' &&
        inOrder(tenth.sentAt - start, batch.scheduledAt, answered) &&
        inOrder(answered, batch.settledAt),
    ),
    checks.claim(
      'The service has one batch, with the ten of them.',
      service.batches.size === 1 &&
        events?.map((event) => event.event_id).join() === ids.join(),
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
  return ids;
}
