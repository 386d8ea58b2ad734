import { setTimeout } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { inOrder } from '../../01-orders/demo/checks.js';
import { renderTimeline } from '../../01-orders/demo/timeline.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import { requestRows } from './request-rows.js';
import type { Stage } from './stage.js';
import { ADA, EDSGER, GRACE, LINUS } from './users.js';

const TITLE =
  'E. The application is stopped while a mail waits to be tried again';
const MAIL = 'verification_email_';
const BARBARA = { ...ADA, email: 'barbara@example.com', name: 'Barbara' };

/** Stops the application by a signal, between two attempts at a mail. */
export async function showShutdown(
  { app, peers, checks }: Stage,
  databaseUrl: string,
): Promise<void> {
  checks.begin(TITLE);
  peers.reset();
  peers.mail.refuse();
  const { sentAt, answeredAt, status } = await app.post('/register', BARBARA);
  await app.attempted(MAIL, 3);
  // However late the signal comes: a fourth attempt would not end before it.
  peers.mail.pause();
  // Only to make the picture clear.
  await setTimeout(150);
  const signalAt = wallClock() - sentAt;
  app.terminate();
  const { code, signal } = await app.exited;
  const endedAt = wallClock() - sentAt;

  const record = app.record(sentAt);
  const client = { at: answeredAt - sentAt, status };
  const closingAt = record.at('databaseClosing');
  const mail = record.task(MAIL);
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        ...requestRows({ record, client }),
        { phase: 'process', what: 'gets SIGTERM', to: signalAt, outcome: '' },
        {
          phase: '',
          what: 'closes the database',
          to: closingAt ?? endedAt,
          outcome: '',
        },
        {
          phase: '',
          what: 'has ended',
          to: endedAt,
          outcome: signal ? `by ${signal}` : `with ${code}`,
        },
      ],
      lines: [client.at],
    }),
    '',
    checks.claim(
      'The mail is not shielded: it was dropped at the signal, and nobody was alerted.',
      mail.outcome === 'dropped' &&
        inOrder(signalAt, mail.settledAt, closingAt, endedAt) &&
        peers.mail.received.length === 0 &&
        peers.alert.received.length === 0,
    ),
    checks.claim(
      'The process ended by the signal, as it would without the library.',
      signal === 'SIGTERM',
    ),
    checks.claim(
      'In the database that the process left behind, all five are registered, and one is verified.',
      (await usersIn(databaseUrl)) ===
        [
          `${ADA.email} false`,
          `${BARBARA.email} false`,
          `${EDSGER.email} true`,
          `${GRACE.email} false`,
          `${LINUS.email} false`,
        ].join(),
    ),
  ];
  console.log(lines.join('\n'));
}

async function usersIn(databaseUrl: string): Promise<string> {
  const database = new PGlite(databaseUrl);
  const { rows } = await database.query<{ email: string; verified: boolean }>(
    'SELECT email, verified FROM users ORDER BY email',
  );
  await database.close();
  return rows.map(({ email, verified }) => `${email} ${verified}`).join();
}
