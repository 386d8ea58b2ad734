import { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { LEGEND } from '../../../sample/.demo/timeline.js';
import { DemoPeers } from './demo-peers.js';
import { playScenes } from './scenes.js';
import { playShutdown } from './shutdown-scene.js';

const INTRODUCTION = `
Orders are placed over a socket. The application and the services it calls run in processes of their own.

${LEGEND}`;

/** Orders as a client would place them, and what became of them. */
export const demo: Demo = {
  async play(report, folder) {
    const peers = await DemoPeers.start();
    const databaseUrl = `file://${folder}/database`;
    const app = await DemoApp.start(
      {
        sample: '01-orders',
        watch: {
          handler: [
            ['orders/orders.controller.js', 'OrdersController', 'create'],
          ],
        },
      },
      { ...peers.environment, DATABASE_URL: databaseUrl },
    );
    report.print(INTRODUCTION);
    await playScenes(app, peers, report);
    await playShutdown(app, peers, report, databaseUrl);
  },
};
