import {
  ADA,
  GRACE,
  LINUS,
  playRefused,
  playRequest,
  showRequest,
  type Stage,
} from './stage.js';

const MAIL = 'verification_email_';

/** Registers users while the mail server accepts, refuses some and refuses all mails. */
export async function playRegistrations(stage: Stage): Promise<void> {
  const invalid = { ...ADA, email: 'ada' };
  stage.report.claim('An invalid registration', [
    await playRefused(
      stage,
      'An invalid registration',
      400,
      '/register',
      invalid,
    ),
  ]);
  await playDelivery(stage);
  await playRetries(stage);
  await playFailure(stage);
}

async function playDelivery(stage: Stage): Promise<void> {
  const { mail, analytics } = stage.peers;
  const played = await playRequest(stage, '/register', ADA);
  const [received] = mail.received;
  showRequest(stage, 'A. A registration', played, 201, [
    [
      `The mail server has a mail to ${ADA.email}: "Verify your email", with a link.`,
      mail.received.length === 1 &&
        received?.recipients.join() === ADA.email &&
        received.parsed.subject === 'Verify your email' &&
        received.parsed.text?.includes('https://app.example/verify?token=') ===
          true,
    ],
    [
      'Analytics has the event "user_registered".',
      analytics.received.length === 1 &&
        JSON.stringify(analytics.received).includes('user_registered'),
    ],
    await playRefused(
      stage,
      'An email that is registered already',
      409,
      '/register',
      ADA,
    ),
  ]);
}

async function playRetries(stage: Stage): Promise<void> {
  const { peers } = stage;
  peers.reset();
  peers.mail.refuse({ times: 2 });
  const played = await playRequest(stage, '/register', GRACE);
  const { attempts, outcome } = played.record.task(MAIL);
  showRequest(stage, 'B. The mail server refuses the mail twice', played, 201, [
    [
      'The third attempt has delivered the mail, once. Nobody was alerted.',
      attempts.length === 3 &&
        outcome === 'succeeded' &&
        peers.mail.attempts.length === 3 &&
        peers.mail.received.length === 1 &&
        peers.alert.received.length === 0,
    ],
  ]);
}

async function playFailure(stage: Stage): Promise<void> {
  const { peers } = stage;
  peers.reset();
  peers.mail.refuse();
  const played = await playRequest(stage, '/register', LINUS);
  const { attempts, outcome, why } = played.record.task(MAIL);
  const alerts = peers.alert.received.map(({ body }) => JSON.stringify(body));
  showRequest(
    stage,
    'C. The mail server refuses the mail each time',
    played,
    201,
    [
      [
        'After four attempts the task failed, and its error handler raised one alert.',
        attempts.length === 4 &&
          outcome === 'failed' &&
          peers.mail.received.length === 0 &&
          alerts.length === 1 &&
          alerts[0]?.includes('Email delivery failed') === true,
      ],
      [
        'Analytics has its event all the same.',
        peers.analytics.received.length === 1,
      ],
    ],
    [why],
  );
}
