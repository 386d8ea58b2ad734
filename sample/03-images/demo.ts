import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { showRestart } from './demo/show-restart.js';
import { showShutdown } from './demo/show-shutdown.js';
import type { Stage } from './demo/stage.js';
import { ImagesPeers } from './peers/images-peers.js';

const INTRODUCTION = `
Photos of 800 × 600 pixels are uploaded over HTTP. The application runs in a process of its own, the CDN in this one.
It tries the CDN again after 100 and 200 ms.

${LEGEND}`;

/** Uploads as clients would make them, and what became of the images. */
export async function demo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'images-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

  const peers = new ImagesPeers();
  const urls = await peers.listen();
  const app = await DemoApp.start(folder, urls, 'process');
  const photo = await picture({ width: 800, height: 600 });
  const stage: Stage = { app, peers, checks: new Checks(), photo };
  console.log(INTRODUCTION);
  await showHostile(stage);
  const { imageId: ready } = await showImage(
    'A. An image that goes well',
    stage,
  );
  await showRetries(stage);
  await showFailure(stage);
  await showCancellation(stage);
  const dropped = await showShutdown(stage);
  const restarted = await DemoApp.start(folder, urls, 'threads');
  await showRestart({ ...stage, app: restarted }, { ready, dropped });
  await peers.close();
  stage.checks.conclude();
  console.log('All of it is in order.');
}
