import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks } from '../01-orders/demo/checks.js';
import { LEGEND } from '../01-orders/demo/timeline.js';
import { DemoApp } from './demo/demo-app.js';
import { showBatch } from './demo/show-batch.js';
import { showClients } from './demo/show-clients.js';
import { showFallback, showLoss } from './demo/show-fallback.js';
import { showRestart } from './demo/show-restart.js';
import { showShutdown } from './demo/show-shutdown.js';
import { AlertPeer } from './peers/alert-peer.js';
import { AnalyticsPeer } from './peers/analytics-peer.js';

const INTRODUCTION = `
Events are tracked over HTTP. The application runs in a process of its own; the analytics service and the alerts are HTTP servers in this one.

${LEGEND}`;

const AN_HOUR_MS = 3_600_000;

/** Events as clients would track them, and where they are in the end. */
export async function demo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'analytics-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const databaseUrl = `file://${folder}/database`;

  const service = new AnalyticsPeer();
  const alerts = new AlertPeer();
  const variables = {
    DATABASE_URL: databaseUrl,
    ANALYTICS_URL: await service.listen(),
    ALERT_URL: await alerts.listen(),
  };
  const checks = new Checks();
  console.log(INTRODUCTION);
  const start = async (FLUSH_INTERVAL_MS: number) => ({
    app: await DemoApp.start({ ...variables, FLUSH_INTERVAL_MS }),
    service,
    alerts,
    checks,
  });
  // At first without the timer, so that it does not come in between.
  const stage = await start(AN_HOUR_MS);
  const ids = [...(await showBatch(stage)), ...(await showFallback(stage))];
  await showLoss(stage);
  alerts.reset();
  ids.push(...(await showClients(stage)));
  ids.push(...(await showShutdown(stage)));
  await showRestart(await start(250), ids, databaseUrl);
  await service.close();
  await alerts.close();
  checks.conclude();
  console.log('\nAll of it is in order.');
}
