import { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { LEGEND } from '../../../sample/.demo/timeline.js';
import { playHostile } from './hostile-scene.js';
import {
  playCancellation,
  playFailure,
  playImage,
  playRestart,
  playRetries,
} from './image-scenes.js';
import { ImagesPeers } from './images-peers.js';
import { picture } from './pictures.js';
import { playShutdown } from './shutdown-scene.js';
import type { Stage } from './stage.js';

const INTRODUCTION = `
Photos of 800 × 600 pixels are uploaded over HTTP. The application runs in a process of its own, the CDN in this one.
It tries the CDN again after 100 and 200 ms.

${LEGEND}`;

/** Uploads as clients would make them, and what became of the images. */
export const demo: Demo = {
  async play(report, folder) {
    const peers = new ImagesPeers();
    const urls = await peers.listen();
    const start = (renderIn: string) =>
      DemoApp.start(
        {
          sample: '03-images',
          watch: {
            handler: [
              ['images/images.controller.js', 'ImagesController', 'upload'],
            ],
          },
        },
        {
          ...urls,
          DATABASE_URL: `file://${folder}/database`,
          TEMP_FOLDER: folder,
          RETRY_DELAY_MS: 100,
          RENDER_IN: renderIn,
        },
      );
    const photo = await picture({ width: 800, height: 600 });
    const app = await start('process');
    const stage: Stage = { app, peers, report, folder, photo };
    report.print(INTRODUCTION);
    await playHostile(stage);
    const ready = await playImage(stage, 'A. An image that goes well');
    await playRetries(stage);
    await playFailure(stage);
    await playCancellation(stage);
    const dropped = await playShutdown(stage);
    const restarted = { ...stage, app: await start('threads') };
    await playRestart(restarted, { ready, dropped });
    await peers.close();
  },
};
