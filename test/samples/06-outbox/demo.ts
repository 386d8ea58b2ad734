import { DemoProcess } from '../../../sample/.demo/demo-process.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { Mailbox } from './mailbox.js';

const ACCOUNTS = 30;

const INTRODUCTION = `
Accounts are opened in a transaction, which stores the welcome mail too. Every third asks for a plan that does not exist, and is rolled
back. The mail service is out of order meanwhile, and then the application is killed with SIGKILL and started again.
`;

/** What this version of Node.js lacks, if anything. */
export function missingNode(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12)
    ? undefined
    : `It needs Node.js 22.12 or later, as pg-boss does; this is ${process.versions.node}.`;
}

/** Accounts whose mails are sent if, and only if, they exist. */
export const demo: Demo = {
  missing: missingNode,

  async play(report, folder) {
    const mailbox = new Mailbox();
    const environment = {
      PORT: '0',
      MAIL_URL: await mailbox.listen(),
      DATABASE_URL: process.env['DATABASE_URL'] ?? `file://${folder}/database`,
    };
    report.print(INTRODUCTION);
    const accept = mailbox.refuse();
    const first = await start(environment);
    const { opened, refused } = await openAccounts(first.url);
    report.print(
      `  ${opened.length} accounts opened, ${refused.length} rolled back`,
    );
    first.app.kill('SIGKILL');
    await first.app.exited;
    report.print('  the application is killed, with its mails unsent');

    accept();
    const second = await start(environment);
    report.print('  it is started again, and the mail service is back');
    await mailbox.reached(opened);
    second.app.kill('SIGTERM');
    const { code, signal } = await second.app.exited;

    const reached = new Set(mailbox.mails.map(({ to }) => to));
    const keys = new Set(mailbox.mails.map(({ key }) => key));
    report.print(
      `  ${mailbox.mails.length} mails sent, with ${keys.size} keys`,
      '',
    );
    report.claim('Accounts', [
      [
        'every account that was opened has got its mail',
        opened.every((email) => reached.has(email)),
      ],
      [
        'no mail was sent for what was rolled back',
        refused.length === ACCOUNTS / 3 &&
          !refused.some((email) => reached.has(email)),
      ],
      [
        'the application has ended by its signal',
        signal === 'SIGTERM' || code === 0,
      ],
    ]);
    await mailbox.close();
  },
};

async function start(environment: NodeJS.ProcessEnv) {
  const app = new DemoProcess<{ url: string }>(
    'the application',
    new URL('../../../sample/06-outbox/main.js', import.meta.url),
    environment,
  );
  const { url } = await app.ready();
  return { app, url: `${url}/accounts` };
}

/** Opens accounts of which every third asks for a plan that does not exist; returns their emails. */
async function openAccounts(url: string) {
  const opened: string[] = [];
  const refused: string[] = [];
  for (let number = 0; number < ACCOUNTS; number += 1) {
    const email = `${number}-${process.pid}@example.com`;
    const plan = number % 3 === 2 ? 'gold' : 'pro';
    const status = await openAccount(url, { email, plan });
    (status === 201 ? opened : refused).push(email);
  }
  return { opened, refused };
}

/** Asks again while the engine is still creating its queue. */
async function openAccount(url: string, account: object): Promise<number> {
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    });
    await response.arrayBuffer();
    if (response.status !== 503) return response.status;
  }
}
