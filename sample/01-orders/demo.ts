import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks } from './demo/checks.js';
import { DemoApp } from './demo/demo-app.js';
import { DemoPeers } from './demo/demo-peers.js';
import { showOrders } from './demo/show-orders.js';
import { showShutdown } from './demo/show-shutdown.js';
import { LEGEND } from './demo/timeline.js';

const INTRODUCTION = `
Orders are placed over a socket. The application and the services it calls run in processes of their own.

${LEGEND}`;

/** Orders as a client would place them, and what became of them. */
export async function demo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const databaseUrl = `file://${folder}/database`;

  const peers = await DemoPeers.start();
  const app = await DemoApp.start(peers, databaseUrl);
  const checks = new Checks();
  console.log(INTRODUCTION);
  await showOrders(app, peers, checks);
  await showShutdown(app, peers, checks, databaseUrl);
  checks.conclude();
  console.log('\nAll of it is in order.');
}
