import { inOrder, type Checks } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import { decoded } from './pictures.js';
import type { Stage } from './stage.js';
import { uploadRows, type PlayedUpload } from './upload-rows.js';

/** The name of the file that is uploaded. */
export const NAME = 'a.jpg';
export const TASK = `process_image_7_${NAME}`;

/** Uploads a photo and waits for its response and its tasks; `meanwhile` is called in between. */
export async function playUpload(
  { app, photo }: Stage,
  meanwhile?: (imageId: string) => Promise<void>,
): Promise<PlayedUpload> {
  const upload = await app.upload(photo, NAME);
  const { sentAt, answeredAt, status, imageId } = upload;
  await meanwhile?.(imageId);
  await app.idle();
  const client = { at: answeredAt - sentAt, status };
  return { imageId, record: app.record(sentAt), client };
}

export function timelineOf(title: string, played: PlayedUpload): string {
  const rows = uploadRows(played);
  return renderTimeline({ title, rows, lines: [played.client.at] });
}

export function claimAnsweredFirst(
  { record, client }: PlayedUpload,
  checks: Checks,
): string {
  return checks.claim(
    'The response was sent, with 202, while the image was still being processed.',
    client.status === 202 &&
      inOrder(record.at('responseEnded'), record.task(TASK).settledAt),
  );
}

/** That three images are there, of these sizes, and all else is done. */
export async function claimReady(
  { app, peers, checks }: Stage,
  { imageId }: PlayedUpload,
): Promise<string[]> {
  const sizes: string[] = [];
  for (const version of ['original', 'optimized', 'thumb']) {
    const path = `images/7/${version}/${imageId}.jpeg`;
    const file = peers.cdn.files.get(path);
    const image = file && (await decoded(file.bytes));
    sizes.push(
      `${version} ${image?.format} ${image?.width} × ${image?.height}`,
    );
  }
  return [
    checks.claim(
      `On the CDN are three images: ${sizes.join(', ')}.`,
      sizes.join() ===
        'original jpeg 800 × 600,optimized jpeg 800 × 600,thumb jpeg 300 × 225',
    ),
    checks.claim(
      'GET /images/:id says that it is ready, and analytics has its event.',
      (await app.stateOf(imageId)) === 'ready' &&
        peers.analytics.received.length === 1,
    ),
    claimNoFiles(app.temporaryFiles, checks),
  ];
}

/** That the image is not there, and neither is anything else of it. */
export async function claimGone(
  { app, peers, checks }: Stage,
  { imageId }: PlayedUpload,
  state: 'failed' | '404',
): Promise<string[]> {
  return [
    checks.claim(
      `GET /images/:id says ${state}; nothing is on the CDN, analytics has no event.`,
      (await app.stateOf(imageId)) === state &&
        peers.cdn.files.size === 0 &&
        peers.analytics.received.length === 0,
    ),
    claimNoFiles(app.temporaryFiles, checks),
  ];
}

export function claimNoFiles(files: readonly string[], checks: Checks): string {
  return checks.claim('No temporary file is left.', files.length === 0);
}
