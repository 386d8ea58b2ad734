import { Mailbox } from '../samples/06-outbox/mailbox.js';
import { freePort } from '../support/free-port.js';
import { PostgresProcess } from '../support/postgres-process.js';
import { Accidents } from './accidents.js';
import { AppProcess } from './app-process.js';
import { Doubles } from './doubles.js';
import {
  demoted,
  frozen,
  killed,
  redeployed,
  redeployedAtOnce,
  suspended,
  type Fault,
} from './faults.js';
import { placeUntil } from './place-until.js';
import { seconds, type Plan } from './plan.js';

/** What this machine lacks, if anything. */
export function missingForOutbox(): string | undefined {
  return PostgresProcess.isInstalled
    ? undefined
    : 'The programs of PostgreSQL (initdb, postgres) were not found: install them.';
}

/**
 * Opens accounts over pg-boss and PostgreSQL while both processes of the application and
 * the server fail at random: first in any way, then by clean deploys only, through which
 * no mail may be sent twice.
 */
export async function crashOutbox(plan: Plan): Promise<string[]> {
  const server = await PostgresProcess.create();
  try {
    await server.start();
    return await run(plan, server);
  } finally {
    await PostgresProcess.removeAll();
  }
}

async function run(plan: Plan, server: PostgresProcess): Promise<string[]> {
  const mailbox = new Mailbox();
  const environment = {
    MAIL_URL: await mailbox.listen(20),
    DATABASE_URL: server.connectionString,
  };
  const entry = new URL('../../sample/06-outbox/main.js', import.meta.url);
  const port = await freePort();
  const processOf = (name: string, PORT: string) =>
    new AppProcess(name, entry, { ...environment, PORT });
  const all = [
    processOf('the API', String(port)),
    processOf('the other process', '0'),
  ];
  // One after the other: the first creates the tables.
  for (const child of all) await child.start();
  const deploys = [...all.map(redeployed), redeployedAtOnce(all)];
  const url = `http://127.0.0.1:${port}/accounts`;
  const { report } = await openAccounts(
    mailbox,
    url,
    [
      ...all.flatMap((child) => [killed(child), suspended(child)]),
      ...deploys,
      frozen('PostgreSQL', server),
      demoted('PostgreSQL', server),
    ],
    plan,
  );
  const count = Math.ceil(plan.count / 4);
  const clean = await openAccounts(mailbox, url, deploys, { ...plan, count });
  await Promise.all(all.map((child) => child.end('SIGTERM')));
  await mailbox.close();
  if (clean.twice > 0) {
    throw new Error(`${clean.twice} mails sent twice through clean deploys`);
  }
  return [
    ...report,
    'clean deploys only:',
    ...clean.report.map((line) => `  ${line}`),
  ];
}

let runs = 0;

async function openAccounts(
  mailbox: Mailbox,
  url: string,
  faults: readonly Fault[],
  { count, isThorough, seed }: Plan,
): Promise<{ report: string[]; twice: number }> {
  const { length } = mailbox.mails;
  const domain = `${(runs += 1)}.example.com`;
  const startMs = performance.now();
  const accidents = new Accidents(faults, seed);
  const opened = new Map<string, string>();
  const rolledBack: string[] = [];
  await placeUntil({
    count,
    isShort: () => isThorough && !accidents.hadAll,
    url,
    bodyOf: (number) => ({
      email: `${number}@${domain}`,
      plan: number % 3 === 2 ? 'gold' : 'pro',
    }),
    onAnswer: (status, body, sent) => {
      const { email } = sent as { email: string };
      if (status < 300) opened.set(email, (body as { id: string }).id);
      else if (status === 409) rolledBack.push(email);
    },
  });
  // A worker recovers the jobs of a killed one only after it has lived for a while.
  await accidents.stop();
  const placedMs = performance.now();
  await mailbox.reached([...opened.keys()]);
  const completeMs = performance.now();

  const mails = mailbox.mails.slice(length);
  const doubles = new Doubles(
    mails.map(({ to, key, attempt }) => ({ work: to, key, attempt })),
  );
  const reached = new Set(mails.map(({ to }) => to));
  const ghosts = rolledBack.filter((email) => reached.has(email)).length;
  const wrong = mails.filter(({ to, key }) => {
    const id = opened.get(to);
    return id !== undefined && key !== `welcome:${id}`;
  });
  if (ghosts + wrong.length + doubles.unrecognised.length > 0) {
    throw new Error(
      `${ghosts} mails for what was rolled back, ${wrong.length} runs without their key, ${doubles.unrecognised.length} mails not recognised`,
    );
  }
  // What is stored by a transaction never runs by `fallback`: each run is a start of the one job.
  if (doubles.byKeyAlone.length > 0) {
    throw new Error(`Same attempt twice: ${doubles.byKeyAlone.join(', ')}`);
  }
  return {
    twice: doubles.count,
    report: [
      `${opened.size} accounts opened and ${rolledBack.length} rolled back in ${seconds(placedMs - startMs)}, the last mail ${seconds(completeMs - placedMs)} later`,
      `faults: ${accidents.toString()}`,
      `lost: 0; mails for what was rolled back: 0`,
      `mails: ${doubles.toString()}`,
    ],
  };
}
