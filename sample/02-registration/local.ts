import { Peer } from '../01-orders/peers/peer.js';
import { MailServer, type ReceivedMail } from './peers/mail-server.js';

/**
 * The application with all that it talks to, in one process: nothing has to be
 * configured. What the peers receive is printed.
 */
const mail = new MailServer(printMail);
const control = new Peer((refusal) => {
  mail.refuse(refusal as object);
  return { status: 200, body: refusal };
});
const variables = {
  SMTP_URL: await mail.listen(),
  ANALYTICS_URL: await printing('Analytics').listen(),
  ALERT_URL: await printing('Alert').listen(),
  PUBLIC_URL: `http://localhost:${process.env['PORT'] ?? 3000}`,
};
for (const [name, value] of Object.entries(variables)) {
  process.env[name] ??= value;
}
await import('./main.js');
console.log(
  `\nThe mail server refuses the next two: curl ${await control.listen()} -d '{"times": 2}'`,
);

function printMail({ recipients, parsed }: ReceivedMail): void {
  console.log(
    `\nMail to ${recipients.join(', ')}: ${parsed.subject}\n\n${parsed.text}`,
  );
}

function printing(name: string): Peer {
  return new Peer((body) => {
    console.log(`\n${name}: ${JSON.stringify(body)}`);
    return { status: 200, body: { accepted: true } };
  });
}
