import type { Claim } from '../../../sample/.demo/report.js';
import {
  answeredFirst,
  gone,
  playUpload,
  ready,
  stateOf,
  TASK,
  uploadRows,
  type PlayedUpload,
  type Stage,
} from './stage.js';

/** Uploads an image that succeeds, and returns its id. */
export async function playImage(stage: Stage, title: string): Promise<string> {
  stage.peers.reset();
  stage.peers.cdn.behave({ delayMs: 60 });
  const played = await playUpload(stage);
  show(stage, title, played, [
    answeredFirst(played),
    ...(await ready(stage, played)),
  ]);
  return played.imageId;
}

export async function playRetries(stage: Stage): Promise<void> {
  stage.peers.reset();
  stage.peers.cdn.behave({ refuse: 2, only: 'thumb' });
  const played = await playUpload(stage);
  show(stage, 'B. The CDN refuses the thumbnail twice', played, [
    [
      'The third attempt succeeded. The image was rendered once.',
      played.record.task(TASK).attempts.length === 3,
    ],
    ...(await ready(stage, played)),
  ]);
}

export async function playFailure(stage: Stage): Promise<void> {
  const { cdn } = stage.peers;
  stage.peers.reset();
  cdn.behave({ refuse: -1, only: 'thumb' });
  const played = await playUpload(stage);
  const { attempts, outcome, why } = played.record.task(TASK);
  show(
    stage,
    'C. The CDN refuses the thumbnail each time',
    played,
    [
      [
        'After three attempts the task failed, and its error handler took back what was on the CDN.',
        attempts.length === 3 &&
          outcome === 'failed' &&
          cdn.requests.some((request) => request.startsWith('DELETE')),
      ],
      ...(await gone(stage, played, 'failed')),
    ],
    [why],
  );
}

export async function playCancellation(stage: Stage): Promise<void> {
  const { cdn } = stage.peers;
  stage.peers.reset();
  cdn.behave({ slow: 'original', delayMs: 60_000 });
  let status = 0;
  const played = await playUpload(stage, async (imageId) => {
    await cdn.stored(2);
    const url = `/images/${imageId}`;
    ({ status } = await stage.app.send(url, { method: 'DELETE' }));
  });
  show(stage, 'D. The client cancels the processing', played, [
    [
      'DELETE /images/:id was answered with 204, and the task was cancelled at once.',
      status === 204 && played.record.task(TASK).outcome === 'cancelled',
    ],
    ...(await gone(stage, played, '404')),
  ]);
}

/** Images that were uploaded before the application was stopped. */
export interface EarlierImages {
  readonly ready: string;
  readonly dropped: string;
}

/** The application was restarted with the same database, and renders in worker threads. */
export async function playRestart(
  stage: Stage,
  earlier: EarlierImages,
): Promise<void> {
  await playImage(stage, 'F. Started again, with worker threads');
  stage.report.claim('Images before the shutdown', [
    [
      'Of the images before the shutdown the one of A is ready, and the one of E is unknown.',
      (await stateOf(stage, earlier.ready)) === 'ready' &&
        (await stateOf(stage, earlier.dropped)) === '404',
    ],
  ]);
}

function show(
  { report }: Stage,
  title: string,
  { record, client }: PlayedUpload,
  claims: readonly Claim[],
  notes: readonly (string | undefined)[] = [],
): void {
  const rows = uploadRows(record, client);
  report.show({ title, rows, lines: [client.at], notes, claims });
}
