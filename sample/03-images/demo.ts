import { Checks } from '../01-orders/demo/checks.js';
import { LEGEND } from '../01-orders/demo/timeline.js';
import { DemoApp } from './demo/demo-app.js';
import { picture } from './demo/pictures.js';
import { showHostile } from './demo/show-hostile.js';
import {
  showCancellation,
  showFailure,
  showImage,
  showRetries,
} from './demo/show-images.js';
import { showShutdown } from './demo/show-shutdown.js';
import type { Stage } from './demo/stage.js';
import { ImagesPeers } from './peers/images-peers.js';

const INTRODUCTION = `
Photos of 1600 × 1200 pixels are uploaded over HTTP. The application runs in a process of its own, the CDN in this one.
It tries the CDN again after 100 and 200 ms.

${LEGEND}`;

/** Uploads as clients would make them, and what became of the images. */
export async function demo(): Promise<void> {
  const peers = new ImagesPeers();
  const urls = await peers.listen();
  const [app, threaded, photo] = await Promise.all([
    DemoApp.start(urls, 'process'),
    DemoApp.start(urls, 'threads'),
    picture({ width: 1_600, height: 1_200 }),
  ]);
  const checks = new Checks();
  const stage: Stage = { app, peers, checks, photo };
  console.log(INTRODUCTION);
  await showHostile(stage);
  await showImage('A. An image that goes well', stage);
  await showRetries(stage);
  await showFailure(stage);
  await showCancellation(stage);
  await showImage('E. An image that is rendered in worker threads', {
    ...stage,
    app: threaded,
  });
  await showShutdown(stage);
  threaded.terminate();
  await threaded.exited;
  await peers.close();
  checks.conclude();
  console.log('\nAll of it is in order.');
}
