import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks } from '../01-orders/demo/checks.js';
import { LEGEND } from '../01-orders/demo/timeline.js';
import { DemoApp } from './demo/demo-app.js';
import { showRegistrations } from './demo/show-registrations.js';
import { showShutdown } from './demo/show-shutdown.js';
import { showVerification } from './demo/show-verification.js';
import { RegistrationPeers } from './peers/registration-peers.js';

const INTRODUCTION = `
Users register over HTTP. The application runs in a process of its own; its mails go to an SMTP server in this one.
It tries a mail again after 100, 200 and 400 ms.

${LEGEND}`;

/** Registrations as users would make them, and what became of their mails. */
export async function demo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'registration-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const databaseUrl = `file://${folder}/database`;

  const peers = new RegistrationPeers();
  const app = await DemoApp.start(await peers.listen(), databaseUrl);
  const checks = new Checks();
  console.log(INTRODUCTION);
  await showRegistrations({ app, peers, checks });
  await showVerification({ app, peers, checks });
  await showShutdown({ app, peers, checks }, databaseUrl);
  await peers.close();
  checks.conclude();
  console.log('\nAll of it is in order.');
}
