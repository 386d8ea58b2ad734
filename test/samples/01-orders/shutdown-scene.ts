import { setTimeout } from 'node:timers/promises';
import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import { inOrder, type Report } from '../../../sample/.demo/report.js';
import { endingRows, requestRows } from '../../../sample/.demo/scene-rows.js';
import { rowsIn } from '../test-database.js';
import type { DemoPeers } from './demo-peers.js';
import { ORDER } from './play-order.js';

/** Stops the application by a signal while a payment and a mail are in progress. */
export async function playShutdown(
  app: DemoApp,
  peers: DemoPeers,
  report: Report,
  databaseUrl: string,
): Promise<void> {
  await peers.slow({ payment: 600, mail: 5_000 });
  app.beginScene();
  const { sentAt, answeredAt, status, body } = await app.post('/orders', ORDER);
  const { orderId } = body as { orderId: number };
  await app.until(
    (current) =>
      current.find('payment_')?.startedAt !== undefined &&
      current.find('sendOrderConfirmation')?.startedAt !== undefined,
  );
  // Separates the two moments in the timeline.
  await setTimeout(150);
  const ending = await app.stop(sentAt);
  const { signalAt, closingAt, endedAt, signal } = ending;

  const record = app.record(sentAt);
  const payment = record.task('payment_');
  const mail = record.task('sendOrderConfirmation');
  const client = { at: answeredAt - sentAt, status };
  const [order] = await rowsIn<{ payment: string }>(
    databaseUrl,
    `SELECT payment FROM orders WHERE id = ${orderId}`,
  );
  report.show({
    title:
      'E. The application is stopped while the payment and the mail are under way',
    rows: [...requestRows(record, client), ...endingRows(ending)],
    lines: [client.at],
    claims: [
      [
        'The payment is shielded: the shutdown waited for it, with the database open.',
        payment.outcome === 'succeeded' &&
          inOrder(signalAt, payment.settledAt, closingAt, endedAt),
      ],
      [
        'The mail is not: it was dropped at the signal, and not waited for.',
        mail.outcome === 'dropped' &&
          inOrder(signalAt, mail.settledAt, payment.settledAt),
      ],
      [
        `In the database that the process left behind, order ${orderId} is paid.`,
        order?.payment === 'paid',
      ],
      [
        'The process ended by the signal, as it would without the library.',
        signal === 'SIGTERM',
      ],
    ],
  });
}
