import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../../sample/.demo/report.js';
import { endingRows } from '../../../sample/.demo/scene-rows.js';
import { entriesOf } from './folder.js';
import { TASK, upload, uploadRows, type Stage } from './stage.js';

/** Stops the application by a signal when two of three versions are on the CDN; returns the id of the image. */
export async function playShutdown(stage: Stage): Promise<string> {
  const { app, peers, report, folder } = stage;
  peers.reset();
  peers.cdn.behave({ slow: 'original', delayMs: 60_000 });
  const { sentAt, answeredAt, status, body } = await upload(stage);
  const { imageId } = body as { imageId: string };
  await peers.cdn.stored(2);
  // Separates the two moments in the timeline.
  await setTimeout(100);
  const ending = await app.stop(sentAt);
  const { signalAt, closingAt, endedAt, signal } = ending;

  const record = app.record(sentAt);
  const client = { at: answeredAt - sentAt, status };
  const image = record.task(TASK);
  const tidying = record.task('tidy_up_');
  const hasFolder = entriesOf(folder).some((path) =>
    path.startsWith('images-'),
  );
  report.show({
    title: 'E. The application is stopped while an image is on its way',
    rows: [...uploadRows(record, client), ...endingRows(ending)],
    lines: [client.at],
    claims: [
      [
        'The processing is not shielded: it was dropped at the signal.',
        image.outcome === 'dropped' && inOrder(signalAt, image.settledAt),
      ],
      [
        'Tidying up is: the shutdown waited for it, with the database open.',
        tidying.outcome === 'succeeded' &&
          inOrder(image.settledAt, tidying.settledAt, closingAt, endedAt),
      ],
      [
        'Nothing is on the CDN, and the folder of the temporary files is gone.',
        peers.cdn.files.size === 0 && !hasFolder,
      ],
      [
        'The process ended by the signal, as it would without the library.',
        signal === 'SIGTERM',
      ],
    ],
  });
  return imageId;
}
