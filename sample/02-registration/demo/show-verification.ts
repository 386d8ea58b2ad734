import {
  claimAnsweredFirst,
  playRefused,
  playRequest,
  timelineOf,
} from './play-request.js';
import type { Stage } from './stage.js';
import { EDSGER } from './users.js';

const TITLE = 'D. The link in the mail is followed';

/** Registers a user, and verifies the email with the token of the mail. */
export async function showVerification(stage: Stage): Promise<void> {
  const { app, peers, checks } = stage;
  checks.begin(TITLE);
  peers.reset();
  await playRequest(app, '/register', EDSGER);
  const text = peers.mail.received[0]?.parsed.text ?? '';
  const token = /token=([\w-]+)/.exec(text)?.[1];
  peers.reset();
  const played = await playRequest(app, '/verify', { token });
  const [mail] = peers.mail.received;
  const lines = [
    timelineOf(TITLE, played),
    '',
    claimAnsweredFirst(played, 200, checks),
    checks.claim(
      `The mail server has a mail to ${EDSGER.email}: "Welcome to Our App!".`,
      peers.mail.received.length === 1 &&
        mail?.recipients.join() === EDSGER.email &&
        mail.parsed.subject === 'Welcome to Our App!',
    ),
    checks.claim(
      'Analytics has the event "email_verified".',
      peers.analytics.received.length === 1 &&
        JSON.stringify(peers.analytics.received).includes('email_verified'),
    ),
    await playRefused(
      stage,
      'The same token once more',
      '/verify',
      { token },
      410,
    ),
    await playRefused(
      stage,
      'A token that nobody was given',
      '/verify',
      { token: 'a'.repeat(43) },
      404,
    ),
    '',
  ];
  console.log(lines.join('\n'));
}
