import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { freePort } from '../05-distributed/demo/redis-process.js';
import { Mailbox } from '../06-outbox/demo/mailbox.js';
import { Accidents } from './accidents.js';
import { KillableProcess } from './killable-process.js';
import { placeUntil } from './place-until.js';

const SERVER =
  process.env['TEST_DATABASE_URL'] ??
  'postgres://postgres@127.0.0.1:5432/postgres';

/** What is missing on this machine, if anything. */
export async function missingForOutbox(): Promise<string | undefined> {
  const client = new Client({ connectionString: SERVER });
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch {
    return `There is no PostgreSQL at ${SERVER}: start one, or set TEST_DATABASE_URL.`;
  }
}

/** Accounts over pg-boss and PostgreSQL, while both processes of the application are killed at random. */
export async function crashOutbox(
  accounts: number,
  seed: number,
): Promise<string[]> {
  const database = `crash_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${database}`);
  try {
    return await run(accounts, seed, new URL(`/${database}`, SERVER).href);
  } finally {
    await onServer(`DROP DATABASE ${database} WITH (FORCE)`);
  }
}

async function run(
  accounts: number,
  seed: number,
  databaseUrl: string,
): Promise<string[]> {
  const mailbox = new Mailbox();
  const environment = {
    MAIL_URL: await mailbox.listen(),
    DATABASE_URL: databaseUrl,
  };
  const entry = new URL('../06-outbox/main.js', import.meta.url);
  const port = await freePort();
  const processes = [
    new KillableProcess('the API', entry, {
      ...environment,
      PORT: String(port),
    }),
    new KillableProcess('the other process', entry, {
      ...environment,
      PORT: '0',
    }),
  ];
  // The first one makes the tables.
  for (const child of processes) await child.start();

  const startMs = performance.now();
  const accidents = new Accidents(processes, seed);
  const opened: string[] = [];
  const rolledBack: string[] = [];
  await placeUntil(
    accounts,
    `http://127.0.0.1:${port}/accounts`,
    (number) => ({
      email: `${number}@example.com`,
      plan: number % 3 === 2 ? 'gold' : 'pro',
    }),
    (status, _body, sent) => {
      const { email } = sent as { email: string };
      if (status < 300) opened.push(email);
      else if (status === 409) rolledBack.push(email);
    },
  );
  // The jobs of a lost worker are found by one that has lived for a while.
  await accidents.stop();
  const placedMs = performance.now();
  await mailbox.reached(opened);
  const completeMs = performance.now();

  const mails = new Map<string, number>();
  for (const { to } of mailbox.mails) mails.set(to, (mails.get(to) ?? 0) + 1);
  const ghosts = rolledBack.filter((email) => mails.has(email)).length;
  const twice = [...mails.values()].filter((count) => count > 1).length;
  await Promise.all(processes.map((child) => child.end('SIGTERM')));
  await mailbox.close();
  if (ghosts > 0) throw new Error(`${ghosts} mails for what was rolled back`);
  return [
    `${opened.length} accounts opened and ${rolledBack.length} rolled back in ${seconds(placedMs - startMs)}, the last mail ${seconds(completeMs - placedMs)} later`,
    `killed: ${accidents.toString()}`,
    `lost: 0; mails for what was rolled back: 0`,
    `mails: ${mails.size}, of which ${twice} were sent more than once, all recognised by their key`,
  ];
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
