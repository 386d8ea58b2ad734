import { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { LEGEND } from '../../../sample/.demo/timeline.js';
import { AnalyticsPeers } from './analytics-peers.js';
import { playBatch } from './batch-scene.js';
import { playClients } from './clients-scene.js';
import { playFallback, playLoss } from './outage-scenes.js';
import { playRestart } from './restart-scene.js';
import { playShutdown } from './shutdown-scene.js';

const INTRODUCTION = `
Events are tracked over HTTP. The application runs in a process of its own; the analytics service and the alerts are HTTP servers in this one.

${LEGEND}`;

const AN_HOUR_MS = 3_600_000;

/** Events as clients would track them, and where they are in the end. */
export const demo: Demo = {
  async play(report, folder) {
    const peers = new AnalyticsPeers();
    const { service, alerts } = peers;
    const urls = await peers.listen();
    const databaseUrl = `file://${folder}/database`;
    const start = async (flushIntervalMs: number) => ({
      app: await DemoApp.start(
        {
          sample: '04-analytics',
          watch: {
            fallback: [['tracking/batch-fallback.js', 'BatchFallback', 'save']],
          },
        },
        {
          ...urls,
          DATABASE_URL: databaseUrl,
          FLUSH_INTERVAL_MS: flushIntervalMs,
        },
      ),
      service,
      alerts,
      report,
    });
    report.print(INTRODUCTION);
    // The timer must not send what the first scenes leave in the buffers.
    const stage = await start(AN_HOUR_MS);
    const ids = [...(await playBatch(stage)), ...(await playFallback(stage))];
    await playLoss(stage);
    alerts.reset();
    ids.push(...(await playClients(stage)));
    ids.push(...(await playShutdown(stage)));
    await playRestart(await start(250), ids, databaseUrl);
    await peers.close();
  },
};
