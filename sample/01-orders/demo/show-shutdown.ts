import { setTimeout } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { inOrder, type Checks } from './checks.js';
import type { DemoApp } from './demo-app.js';
import type { DemoPeers } from './demo-peers.js';
import { orderRows } from './order-rows.js';
import { ORDER } from './order-stories.js';
import { renderTimeline } from './timeline.js';
import { wallClock } from './wall-clock.js';

const TITLE =
  'E. The application is stopped while the payment and the mail are under way';

/** Stops the application by a signal while a payment and a mail are under way. */
export async function showShutdown(
  app: DemoApp,
  peers: DemoPeers,
  checks: Checks,
  databaseUrl: string,
): Promise<void> {
  checks.begin(TITLE);
  await peers.slow('payment', 600);
  await peers.slow('mail', 5_000);
  app.beginOrder();
  const client = await app.place(ORDER);
  const { at, status, orderId } = await client.response();
  await app.taskStarted('payment_');
  await app.taskStarted('sendOrderConfirmation');
  const { sentAt } = client;
  // Only to make the picture clear.
  await setTimeout(150);
  const signalAt = wallClock() - sentAt;
  app.terminate();
  const { code, signal } = await app.exited;
  const endedAt = wallClock() - sentAt;

  const record = app.record(sentAt);
  const closingAt = record.at('databaseClosing');
  const [payment] = record.ofPhase('immediate');
  const mail = record.tasks.find(
    ({ name }) => name === 'sendOrderConfirmation',
  );
  const lines = [
    renderTimeline({
      title: TITLE,
      rows: [
        ...orderRows({ orderId, record, client: { at: at - sentAt, status } }),
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
      lines: [at - sentAt],
    }),
    '',
    checks.claim(
      'The payment is shielded: the shutdown waited for it, with the database open.',
      payment?.outcome === 'succeeded' &&
        inOrder(signalAt, payment.settledAt, closingAt, endedAt),
    ),
    checks.claim(
      'The mail is not: it was dropped at the signal, and not waited for.',
      mail?.outcome === 'dropped' &&
        inOrder(signalAt, mail.settledAt, payment?.settledAt),
    ),
    checks.claim(
      `In the database that the process left behind, order ${orderId} is paid.`,
      (await paymentOf(orderId, databaseUrl)) === 'paid',
    ),
    checks.claim(
      'The process ended by the signal, as it would without the library.',
      signal === 'SIGTERM',
    ),
  ];
  console.log(lines.join('\n'));
}

async function paymentOf(
  orderId: number,
  databaseUrl: string,
): Promise<string | undefined> {
  const database = new PGlite(databaseUrl);
  const { rows } = await database.query<{ payment: string }>(
    'SELECT payment FROM orders WHERE id = $1',
    [orderId],
  );
  await database.close();
  return rows[0]?.payment;
}
