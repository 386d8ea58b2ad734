import type { Server, ServerResponse } from 'node:http';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { compare } from 'bcryptjs';
import { platforms } from '../../test/support/platforms.js';
import {
  PUBLIC_URL,
  RegistrationFixture,
} from './test/registration-fixture.js';

const ada = {
  email: 'ada@example.com',
  password: 'correct horse',
  name: 'Ada Lovelace',
};

describe.each(platforms)('a registration over $name', (platform) => {
  let fixture: RegistrationFixture;
  beforeAll(async () => {
    fixture = await RegistrationFixture.start(platform);
  }, 30_000);
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  it('answers with the id of the user and asks to look into the mailbox', async () => {
    const response = await fixture.post('/register', ada);

    expect(response.status).toBe(201);
    const [user] = await fixture.users();
    expect(await response.json()).toEqual({
      userId: user?.id,
      message:
        'Registration successful. Please check your email to verify your account.',
    });
  });

  it('writes a user who is not verified, and the hash of the password', async () => {
    const id = await fixture.register(ada);

    const users = await fixture.users();
    expect(users).toEqual([
      {
        id,
        email: ada.email,
        name: ada.name,
        verified: false,
        passwordHash: expect.stringMatching(/^\$2b\$04\$/),
      },
    ]);
    expect(await compare(ada.password, users[0]!.passwordHash)).toBe(true);
    expect(await compare('another one', users[0]!.passwordHash)).toBe(false);
  });

  it('writes a token that is good for 24 hours, in a form that verifies nothing', async () => {
    const id = await fixture.register(ada);

    const tokens = await fixture.database.query<{ hash: string }>(
      `SELECT token_hash AS hash, user_id, used,
              expires_at - now() BETWEEN interval '23:59' AND interval '24:00' AS "oneDay"
       FROM verification_tokens`,
    );
    expect(tokens).toEqual([
      { hash: expect.any(String), user_id: id, used: false, oneDay: true },
    ]);
    const answer = await fixture.post('/verify', { token: tokens[0]!.hash });
    expect(answer.status).toBe(400);
  });

  it('mails a link with the token to the user', async () => {
    await fixture.register(ada);

    expect(fixture.peers.mail.received).toHaveLength(1);
    const [mail] = fixture.peers.mail.received;
    expect(mail?.recipients).toEqual([ada.email]);
    const bytes = mail?.bytes.toString('latin1') ?? '';
    expect(bytes).toMatch(/^To: Ada Lovelace <ada@example\.com>\r$/m);
    expect(bytes).toMatch(/^From: Our App <no-reply@app\.example>\r$/m);
    expect(bytes).toMatch(/^Subject: Verify your email\r$/m);
    expect(mail?.parsed.text).toContain('Hello Ada Lovelace,');
    const link = fixture.linkTo(ada.email);
    expect(link.href).toMatch(
      new RegExp(`^${PUBLIC_URL}/verify\\?token=[\\w-]{43}$`),
    );
  });

  it('mails a name of any script to exactly one recipient', async () => {
    const name = 'Łukasz, "Ада" <eve@example.com> 😀';
    await fixture.register({ ...ada, name });

    const [mail] = fixture.peers.mail.received;
    expect(mail?.recipients).toEqual([ada.email]);
    expect(mail?.parsed.to).toMatchObject({
      value: [{ address: ada.email, name }],
    });
    expect(mail?.parsed.text).toContain(`Hello ${name},`);
  });

  it('tells analytics', async () => {
    const id = await fixture.register(ada);

    expect(fixture.received('analytics')).toEqual([
      {
        user_id: id,
        event: 'user_registered',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        properties: { email: ada.email },
      },
    ]);
  });

  it('schedules its two tasks after the response, neither of them shielded', async () => {
    const id = await fixture.register(ada);

    const scheduled = fixture.tester
      .scheduled()
      .map(({ name, phase, options }) => ({
        name,
        phase,
        shield: options.shield ?? false,
      }));
    fixture.tester.assertNothingFailed();
    expect(scheduled).toEqual([
      {
        name: `verification_email_${id}`,
        phase: 'afterResponse',
        shield: false,
      },
      { name: 'trackUserEvent', phase: 'afterResponse', shield: false },
    ]);
  });

  it('is answered before a mail is begun', async () => {
    const startedWhenSent: string[] = [];
    const server = fixture.app.getHttpServer() as Server;
    server.once('request', (_request, response: ServerResponse) =>
      response.once('finish', () => {
        for (const { type, task } of fixture.events) {
          if (type !== 'scheduled') startedWhenSent.push(task.name);
        }
      }),
    );
    await fixture.register(ada);

    expect(startedWhenSent).toEqual([]);
  });

  it('is answered although the mail server does not answer', async () => {
    const { reached, resume } = fixture.peers.mail.pause();
    const response = await fixture.post('/register', ada);

    expect(response.status).toBe(201);
    await reached;
    expect(fixture.peers.mail.received).toEqual([]);
    resume();
    await fixture.tester.settled();
    expect(fixture.peers.mail.received).toHaveLength(1);
  });

  it('sends its mail although analytics is out of order', async () => {
    fixture.peers.analytics.behaviour = { status: 500, delayMs: 0 };
    await fixture.register(ada);

    fixture.tester.assertScheduled({
      name: 'trackUserEvent',
      status: 'failed',
    });
    expect(fixture.peers.mail.received).toHaveLength(1);
    expect(fixture.received('alert')).toEqual([]);
  });

  it.each([ada.email, 'Ada@Example.COM'])(
    'with an email that is taken (%s) is a 409, and schedules and changes nothing',
    async (email) => {
      await fixture.register(ada);
      const before = await fixture.users();
      const { length } = fixture.tester.scheduled();
      const response = await fixture.post('/register', {
        email,
        password: 'another password',
        name: 'Eve',
      });

      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({
        message: 'This email is registered already',
      });
      expect(await fixture.users()).toEqual(before);
      expect(fixture.tester.scheduled()).toHaveLength(length);
      expect(fixture.peers.mail.attempts).toEqual([ada.email]);
    },
  );
});
