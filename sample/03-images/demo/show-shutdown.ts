import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import { NAME, TASK } from './play-upload.js';
import type { Stage } from './stage.js';
import { uploadRows } from './upload-rows.js';

const TITLE = 'E. The application is stopped while an image is on its way';

/** Stops the application by a signal, when two of three versions are on the CDN; gives the id of the image. */
export async function showShutdown(stage: Stage): Promise<string> {
  const { app, peers, checks, photo } = stage;
  checks.begin(TITLE);
  peers.reset();
  peers.cdn.behave({ slow: 'original', delayMs: 60_000 });
  const { sentAt, answeredAt, status, imageId } = await app.upload(photo, NAME);
  await peers.cdn.stored(2);
  // Only to make the picture clear.
  await setTimeout(100);
  const signalAt = wallClock() - sentAt;
  app.terminate();
  const { code, signal } = await app.exited;
  const endedAt = wallClock() - sentAt;

  const record = app.record(sentAt);
  const client = { at: answeredAt - sentAt, status };
  const closingAt = record.at('databaseClosing');
  const image = record.task(TASK);
  const tidying = record.task('tidy_up_');
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        ...uploadRows({ imageId, record, client }),
        { phase: 'process', what: 'gets SIGTERM', to: signalAt, outcome: '' },
        {
          phase: '',
          what: 'closes the database',
          to: closingAt ?? endedAt,
          outcome: '',
        },
        {
          phase: '',
          what: 'has ended',
          to: endedAt,
          outcome: signal ? `by ${signal}` : `with ${code}`,
        },
      ],
      lines: [client.at],
    }),
    '',
    checks.claim(
      'The processing is not shielded: it was dropped at the signal.',
      image.outcome === 'dropped' && inOrder(signalAt, image.settledAt),
    ),
    checks.claim(
      'Tidying up is: the shutdown waited for it, with the database open.',
      tidying.outcome === 'succeeded' &&
        inOrder(image.settledAt, tidying.settledAt, closingAt, endedAt),
    ),
    checks.claim(
      'Nothing is on the CDN, and the folder of the temporary files is gone.',
      peers.cdn.files.size === 0 && !app.hasTemporaryFolder,
    ),
    checks.claim(
      'The process ended by the signal, as it would without the library.',
      signal === 'SIGTERM',
    ),
  ];
  console.log(`${lines.join('\n')}\n`);
  return imageId;
}
