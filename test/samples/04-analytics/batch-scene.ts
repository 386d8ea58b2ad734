import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../../sample/.demo/report.js';
import type { Reaction } from './analytics-peer.js';
import { batchRows, clientRow, track, type Stage } from './stage.js';

/** Nine events wait, the tenth sends them; returns the ids of all. */
export async function playBatch(stage: Stage): Promise<readonly string[]> {
  const { app, service, report } = stage;
  let release: (reaction: Reaction) => void = () => {};
  const reaction = new Promise<Reaction>((resolve) => (release = resolve));
  service.react = () => reaction;
  app.beginScene();
  const nine = await track(stage, 7, 9);
  const start = nine.sentAt;
  const waiting = app.record(start).tasks.length;
  const tenth = await track(stage, 7, 1);
  // Separates the two moments in the timeline.
  await setTimeout(30);
  release('accept');
  await app.ask('waitUntilIdle');

  const { tasks } = app.record(start);
  const [batch] = tasks;
  const ids = [...nine.ids, ...tenth.ids];
  const answered = tenth.answeredAt - start;
  const [events] = service.batches.values();
  report.show({
    title: 'A. Ten events of a user',
    rows: [
      clientRow('tracks 1 to 9', nine, start),
      clientRow('tracks the tenth', tenth, start),
      ...tasks.flatMap((task) => batchRows(task)),
    ],
    lines: [answered],
    claims: [
      [
        'Nine events were answered, and no task was scheduled.',
        nine.ids.length === 9 && waiting === 0,
      ],
      [
        'The tenth scheduled one, and its response did not wait for the service.',
        tasks.length === 1 &&
          batch?.outcome === 'succeeded' &&
          inOrder(tenth.sentAt - start, batch.scheduledAt, answered) &&
          inOrder(answered, batch.settledAt),
      ],
      [
        'The service has one batch, with the ten of them.',
        service.batches.size === 1 &&
          events?.map((event) => event.event_id).join() === ids.join(),
      ],
    ],
  });
  return ids;
}
