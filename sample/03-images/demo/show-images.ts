import {
  claimAnsweredFirst,
  claimGone,
  claimReady,
  playUpload,
  TASK,
  timelineOf,
} from './play-upload.js';
import type { Stage } from './stage.js';
import type { PlayedUpload } from './upload-rows.js';

/** An image that goes well. */
export async function showImage(
  title: string,
  stage: Stage,
): Promise<PlayedUpload> {
  const { checks, peers } = stage;
  checks.begin(title);
  peers.reset();
  peers.cdn.behave({ delayMs: 60 });
  const played = await playUpload(stage);
  show(
    timelineOf(title, played),
    '',
    claimAnsweredFirst(played, checks),
    ...(await claimReady(stage, played)),
  );
  return played;
}

export async function showRetries(stage: Stage): Promise<void> {
  const { checks, peers } = stage;
  const title = 'B. The CDN refuses the thumbnail twice';
  checks.begin(title);
  peers.reset();
  peers.cdn.behave({ refuse: 2, only: 'thumb' });
  const played = await playUpload(stage);
  show(
    timelineOf(title, played),
    '',
    checks.claim(
      'The third attempt succeeded. The image was rendered once.',
      played.record.task(TASK).attempts.length === 3,
    ),
    ...(await claimReady(stage, played)),
  );
}

export async function showFailure(stage: Stage): Promise<void> {
  const { checks, peers } = stage;
  const title = 'C. The CDN refuses the thumbnail each time';
  checks.begin(title);
  peers.reset();
  peers.cdn.behave({ refuse: -1, only: 'thumb' });
  const played = await playUpload(stage);
  const { attempts, outcome, why } = played.record.task(TASK);
  show(
    timelineOf(title, played),
    '',
    `  ! ${why}`,
    checks.claim(
      'After three attempts the task failed, and its error handler took back what was on the CDN.',
      attempts.length === 3 &&
        outcome === 'failed' &&
        peers.cdn.requests.some((request) => request.startsWith('DELETE')),
    ),
    ...(await claimGone(stage, played, 'failed')),
  );
}

export async function showCancellation(stage: Stage): Promise<void> {
  const { app, checks, peers } = stage;
  const title = 'D. The client cancels the processing';
  checks.begin(title);
  peers.reset();
  peers.cdn.behave({ slow: 'original', delayMs: 60_000 });
  let status = 0;
  const played = await playUpload(stage, async (imageId) => {
    await peers.cdn.stored(2);
    status = await app.cancel(imageId);
  });
  show(
    timelineOf(title, played),
    '',
    checks.claim(
      'DELETE /images/:id was answered with 204, and the task was cancelled at once.',
      status === 204 && played.record.task(TASK).outcome === 'cancelled',
    ),
    ...(await claimGone(stage, played, '404')),
  );
}

function show(...lines: readonly string[]): void {
  console.log(`${lines.join('\n')}\n`);
}
