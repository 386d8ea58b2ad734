import {
  EDSGER,
  playRefused,
  playRequest,
  showRequest,
  type Stage,
} from './stage.js';

/** Registers a user, and verifies the email with the token of the mail. */
export async function playVerification(stage: Stage): Promise<void> {
  const { peers } = stage;
  peers.reset();
  await playRequest(stage, '/register', EDSGER);
  const text = peers.mail.received[0]?.parsed.text ?? '';
  const token = /token=([\w-]+)/.exec(text)?.[1];
  const unknown = 'a'.repeat(43);
  peers.reset();
  const played = await playRequest(stage, '/verify', { token });
  const [mail] = peers.mail.received;
  showRequest(stage, 'D. The link in the mail is followed', played, 200, [
    [
      `The mail server has a mail to ${EDSGER.email}: "Welcome to Our App!".`,
      peers.mail.received.length === 1 &&
        mail?.recipients.join() === EDSGER.email &&
        mail.parsed.subject === 'Welcome to Our App!',
    ],
    [
      'Analytics has the event "email_verified".',
      peers.analytics.received.length === 1 &&
        JSON.stringify(peers.analytics.received).includes('email_verified'),
    ],
    await playRefused(stage, 'The same token once more', 410, '/verify', {
      token,
    }),
    await playRefused(stage, 'A token that nobody was given', 404, '/verify', {
      token: unknown,
    }),
  ]);
}
