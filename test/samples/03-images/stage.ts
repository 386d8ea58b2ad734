import type { DemoApp, SentRequest } from '../../../sample/.demo/demo-app.js';
import {
  inOrder,
  type Claim,
  type Report,
} from '../../../sample/.demo/report.js';
import type { SceneRecord } from '../../../sample/.demo/scene-record.js';
import {
  handlerRow,
  responseRows,
  taskRows,
  type ClientRecord,
} from '../../../sample/.demo/scene-rows.js';
import type { TimelineRow } from '../../../sample/.demo/timeline.js';
import { entriesOf } from './folder.js';
import type { ImagesPeers } from './images-peers.js';
import { decoded } from './pictures.js';

/** What every scene works with. */
export interface Stage {
  readonly app: DemoApp;
  readonly peers: ImagesPeers;
  readonly report: Report;
  /** Of the database and the temporary files of the application. */
  readonly folder: string;
  /** The image that is uploaded. */
  readonly photo: Buffer;
}

/** The name of the file that is uploaded. */
const NAME = 'a.jpg';
export const TASK = `process_image_7_${NAME}`;

/** An upload that was answered, with its effects; times count from the request. */
export interface PlayedUpload {
  readonly imageId: string;
  readonly record: SceneRecord;
  readonly client: ClientRecord;
}

/** Uploads a file and begins a scene with it. */
export function upload(
  { app, photo }: Stage,
  bytes: Buffer | string = photo,
  name = NAME,
): Promise<SentRequest> {
  app.beginScene();
  const body = new FormData();
  body.set('userId', '7');
  body.set('file', new Blob([bytes]), name);
  return app.send('/images', { method: 'POST', body });
}

/** Uploads a photo and waits for its response and its tasks; `meanwhile` is called in between. */
export async function playUpload(
  stage: Stage,
  meanwhile?: (imageId: string) => Promise<void>,
): Promise<PlayedUpload> {
  const { sentAt, answeredAt, status, body } = await upload(stage);
  const { imageId } = body as { imageId: string };
  await meanwhile?.(imageId);
  await stage.app.ask('waitUntilIdle');
  const client = { at: answeredAt - sentAt, status };
  return { imageId, record: stage.app.record(sentAt), client };
}

export function uploadRows(
  record: SceneRecord,
  client: ClientRecord,
): TimelineRow[] {
  return [
    handlerRow('upload and handler', record.at('requestReceived'), record),
    ...responseRows(record, client),
    ...record.tasks.flatMap((task) => taskRows(task)),
  ];
}

/** The status of an image, or that of the response if there is no such image. */
export async function stateOf(
  { app }: Stage,
  imageId: string,
): Promise<string> {
  const { status, body } = await app.send(`/images/${imageId}`);
  return status === 200 ? (body as { status: string }).status : String(status);
}

export function answeredFirst({ record, client }: PlayedUpload): Claim {
  return [
    'The response was sent, with 202, while the image was still being processed.',
    client.status === 202 &&
      inOrder(record.at('responseEnded'), record.task(TASK).settledAt),
  ];
}

/** The image is on the CDN in three sizes, and nothing is left to do. */
export async function ready(
  stage: Stage,
  { imageId }: PlayedUpload,
): Promise<Claim[]> {
  const { cdn, analytics } = stage.peers;
  const sizes: string[] = [];
  for (const version of ['original', 'optimized', 'thumb']) {
    const path = `images/7/${version}/${imageId}.jpeg`;
    const file = cdn.files.get(path);
    const image = file && (await decoded(file.bytes));
    sizes.push(
      `${version} ${image?.format} ${image?.width} × ${image?.height}`,
    );
  }
  return [
    [
      `On the CDN are three images: ${sizes.join(', ')}.`,
      sizes.join() ===
        'original jpeg 800 × 600,optimized jpeg 800 × 600,thumb jpeg 300 × 225',
    ],
    [
      'GET /images/:id says that it is ready, and analytics has its event.',
      (await stateOf(stage, imageId)) === 'ready' &&
        analytics.received.length === 1,
    ],
    noFiles(stage),
  ];
}

/** The image was not stored, and nothing of it is left. */
export async function gone(
  stage: Stage,
  { imageId }: PlayedUpload,
  state: 'failed' | '404',
): Promise<Claim[]> {
  const { cdn, analytics } = stage.peers;
  return [
    [
      `GET /images/:id says ${state}; nothing is on the CDN, analytics has no event.`,
      (await stateOf(stage, imageId)) === state &&
        cdn.files.size === 0 &&
        analytics.received.length === 0,
    ],
    noFiles(stage),
  ];
}

export function noFiles({ folder }: Stage): Claim {
  const files = entriesOf(folder).filter(
    (path) => !path.startsWith('database') && !/^images-[^/]+$/.test(path),
  );
  return ['No temporary file is left.', files.length === 0];
}
