import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../../sample/.demo/report.js';
import { endingRows, requestRows } from '../../../sample/.demo/scene-rows.js';
import { rowsIn } from '../test-database.js';
import { ADA, BARBARA, EDSGER, GRACE, LINUS, type Stage } from './stage.js';

const MAIL = 'verification_email_';

/** Stops the application by a signal, between two attempts at a mail. */
export async function playShutdown(
  { app, peers, report }: Stage,
  databaseUrl: string,
): Promise<void> {
  peers.reset();
  peers.mail.refuse();
  app.beginScene();
  const { sentAt, answeredAt, status } = await app.post('/register', BARBARA);
  await app.until((current) => {
    const task = current.find(MAIL);
    return task?.attempts[2]?.to !== undefined || task?.settledAt !== undefined;
  });
  // Even if the signal is late, a fourth attempt does not end before it.
  peers.mail.pause();
  // Separates the two moments in the timeline.
  await setTimeout(150);
  const ending = await app.stop(sentAt);
  const { signalAt, closingAt, endedAt, signal } = ending;

  const record = app.record(sentAt);
  const client = { at: answeredAt - sentAt, status };
  const mail = record.task(MAIL);
  const users = await rowsIn<{ email: string; verified: boolean }>(
    databaseUrl,
    'SELECT email, verified FROM users ORDER BY email',
  );
  const expected = [ADA, BARBARA, EDSGER, GRACE, LINUS].map(({ email }) => ({
    email,
    verified: email === EDSGER.email,
  }));
  report.show({
    title: 'E. The application is stopped while a mail waits to be tried again',
    rows: [...requestRows(record, client), ...endingRows(ending)],
    lines: [client.at],
    claims: [
      [
        'The mail is not shielded: it was dropped at the signal, and nobody was alerted.',
        mail.outcome === 'dropped' &&
          inOrder(signalAt, mail.settledAt, closingAt, endedAt) &&
          peers.mail.received.length === 0 &&
          peers.alert.received.length === 0,
      ],
      [
        'The process ended by the signal, as it would without the library.',
        signal === 'SIGTERM',
      ],
      [
        'In the database that the process left behind, all five are registered, and one is verified.',
        JSON.stringify(users) === JSON.stringify(expected),
      ],
    ],
  });
}
