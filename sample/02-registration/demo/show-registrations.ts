import {
  claimAnsweredFirst,
  playRefused,
  playRequest,
  timelineOf,
} from './play-request.js';
import type { Stage } from './stage.js';
import { ADA, GRACE, LINUS } from './users.js';

const MAIL = 'verification_email_';

/** Registers users, with a mail server in each of its moods. */
export async function showRegistrations(stage: Stage): Promise<void> {
  const invalid = { ...ADA, email: 'ada' };
  const lines = [
    await playRefused(
      stage,
      'An invalid registration',
      '/register',
      invalid,
      400,
    ),
    '',
    ...(await showDelivery(stage)),
    await playRefused(
      stage,
      'An email that is registered already',
      '/register',
      ADA,
      409,
    ),
    '',
    ...(await showRetries(stage)),
    '',
    ...(await showFailure(stage)),
    '',
  ];
  console.log(lines.join('\n'));
}

async function showDelivery(stage: Stage): Promise<string[]> {
  const { app, peers, checks } = stage;
  const title = 'A. A registration';
  checks.begin(title);
  const played = await playRequest(app, '/register', ADA);
  const [mail] = peers.mail.received;
  return [
    timelineOf(title, played),
    '',
    claimAnsweredFirst(played, 201, checks),
    checks.claim(
      `The mail server has a mail to ${ADA.email}: "Verify your email", with a link.`,
      peers.mail.received.length === 1 &&
        mail?.recipients.join() === ADA.email &&
        mail.parsed.subject === 'Verify your email' &&
        mail.parsed.text?.includes('https://app.example/verify?token=') ===
          true,
    ),
    checks.claim(
      'Analytics has the event "user_registered".',
      peers.analytics.received.length === 1 &&
        JSON.stringify(peers.analytics.received).includes('user_registered'),
    ),
  ];
}

async function showRetries({ app, peers, checks }: Stage): Promise<string[]> {
  const title = 'B. The mail server refuses the mail twice';
  checks.begin(title);
  peers.reset();
  peers.mail.refuse({ times: 2 });
  const played = await playRequest(app, '/register', GRACE);
  const { attempts, outcome } = played.record.task(MAIL);
  return [
    timelineOf(title, played),
    '',
    claimAnsweredFirst(played, 201, checks),
    checks.claim(
      'The third attempt has delivered the mail, once. Nobody was alerted.',
      attempts.length === 3 &&
        outcome === 'succeeded' &&
        peers.mail.attempts.length === 3 &&
        peers.mail.received.length === 1 &&
        peers.alert.received.length === 0,
    ),
  ];
}

async function showFailure({ app, peers, checks }: Stage): Promise<string[]> {
  const title = 'C. The mail server refuses the mail each time';
  checks.begin(title);
  peers.reset();
  peers.mail.refuse();
  const played = await playRequest(app, '/register', LINUS);
  const { attempts, outcome, why } = played.record.task(MAIL);
  const alerts = peers.alert.received.map(({ body }) => JSON.stringify(body));
  return [
    timelineOf(title, played),
    '',
    `  ! ${why}`,
    claimAnsweredFirst(played, 201, checks),
    checks.claim(
      'After four attempts the task failed, and its error handler raised one alert.',
      attempts.length === 4 &&
        outcome === 'failed' &&
        peers.mail.received.length === 0 &&
        alerts.length === 1 &&
        alerts[0]?.includes('Email delivery failed') === true,
    ),
    checks.claim(
      'Analytics has its event all the same.',
      peers.analytics.received.length === 1,
    ),
  ];
}
