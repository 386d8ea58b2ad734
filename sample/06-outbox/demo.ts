import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks } from '../01-orders/demo/checks.js';
import { DemoProcess } from '../01-orders/demo/demo-process.js';
import { Mailbox } from './demo/mailbox.js';

const ACCOUNTS = 30;

const INTRODUCTION = `
Accounts are opened in a transaction, which stores the welcome mail too. Every third asks for a plan that does not exist, and is rolled
back. The mail service is out of order meanwhile, and then the application is killed with SIGKILL and started again.
`;

/** What is missing on this machine, if anything. */
export function missing(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12)
    ? undefined
    : `It needs Node.js 22.12 or later, as pg-boss does; this is ${process.versions.node}.`;
}

/** Accounts whose mails are sent if, and only if, they exist. */
export async function demo(): Promise<void> {
  const what = missing();
  if (what) throw new Error(what);
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

  const mailbox = new Mailbox();
  const environment = {
    PORT: '0',
    MAIL_URL: await mailbox.listen(),
    DATABASE_URL: process.env['DATABASE_URL'] ?? `file://${folder}/database`,
  };
  const start = async () => {
    const app = new DemoProcess<{ port: number }>(
      'the application',
      new URL('./main.js', import.meta.url),
      environment,
    );
    const isPort = (_message: { port: number }): _message is { port: number } =>
      true;
    const { port } = await app.message(isPort);
    return { app, url: `http://127.0.0.1:${port}/accounts` };
  };
  console.log(INTRODUCTION);

  const accept = mailbox.refuse();
  const first = await start();
  const run = String(process.pid);
  const opened: string[] = [];
  const refused: string[] = [];
  for (let number = 0; number < ACCOUNTS; number += 1) {
    const email = `${number}-${run}@example.com`;
    const plan = number % 3 === 2 ? 'gold' : 'pro';
    const response = await fetch(first.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, plan }),
    });
    (response.status === 201 ? opened : refused).push(email);
  }
  console.log(
    `  ${opened.length} accounts opened, ${refused.length} rolled back`,
  );
  first.app.kill('SIGKILL');
  await first.app.exited;
  console.log('  the application is killed, with its mails unsent');

  accept();
  const second = await start();
  console.log('  it is started again, and the mail service is back');
  await mailbox.reached(opened);
  second.app.kill('SIGTERM');
  const { code, signal } = await second.app.exited;

  const checks = new Checks();
  checks.begin('Accounts');
  const reached = new Set(mailbox.mails.map(({ to }) => to));
  const keys = new Set(mailbox.mails.map(({ key }) => key));
  console.log(
    [
      `  ${mailbox.mails.length} mails sent, with ${keys.size} keys`,
      '',
      checks.claim(
        'every account that was opened has got its mail',
        opened.every((email) => reached.has(email)),
      ),
      checks.claim(
        'no mail was sent for what was rolled back',
        refused.length === ACCOUNTS / 3 &&
          !refused.some((email) => reached.has(email)),
      ),
      checks.claim(
        'the application has ended by its signal',
        signal === 'SIGTERM' || code === 0,
      ),
    ].join('\n'),
  );
  await mailbox.close();
  checks.conclude();
  console.log('\nAll of it is in order.');
}
