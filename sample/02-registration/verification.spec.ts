import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { platforms } from '../../test/support/platforms.js';
import { RegistrationFixture } from './test/registration-fixture.js';

const ada = {
  email: 'ada@example.com',
  password: 'correct horse',
  name: 'Ada Lovelace',
};

describe.each(platforms)('a verification over $name', (platform) => {
  let fixture: RegistrationFixture;
  let userId: number;
  let token: string;
  beforeAll(async () => {
    fixture = await RegistrationFixture.start(platform);
  }, 30_000);
  beforeEach(async () => {
    await fixture.reset();
    userId = await fixture.register(ada);
    token = fixture.tokenOf(ada.email);
    await fixture.forget();
  });
  afterAll(() => fixture.close());

  const tokens = () =>
    fixture.database.query('SELECT user_id, used FROM verification_tokens');

  const expectNothingVerified = async () => {
    expect(await fixture.users()).toMatchObject([{ verified: false }]);
    expect(fixture.tester.scheduled()).toEqual([]);
    expect(fixture.peers.mail.attempts).toEqual([]);
    expect(fixture.received('analytics')).toEqual([]);
  };

  it('marks the user as verified and the token as used', async () => {
    const response = await fixture.post('/verify', { token });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      message: 'Email verified successfully',
    });
    expect(await fixture.users()).toMatchObject([
      { id: userId, verified: true },
    ]);
    expect(await tokens()).toEqual([{ user_id: userId, used: true }]);
  });

  it('sends the welcome mail and tells analytics, after the response', async () => {
    await fixture.post('/verify', { token });
    await fixture.tester.settled();

    expect(fixture.peers.mail.received).toHaveLength(1);
    const [mail] = fixture.peers.mail.received;
    expect(mail?.recipients).toEqual([ada.email]);
    const bytes = mail?.bytes.toString('latin1') ?? '';
    expect(bytes).toMatch(/^To: Ada Lovelace <ada@example\.com>\r$/m);
    expect(bytes).toMatch(/^Subject: Welcome to Our App!\r$/m);
    expect(mail?.parsed.text).toContain('Hello Ada Lovelace,');
    expect(fixture.received('analytics')).toEqual([
      {
        user_id: userId,
        event: 'email_verified',
        timestamp: expect.any(String),
        properties: {},
      },
    ]);
    expect(fixture.tester.scheduled({ phase: 'afterResponse' })).toHaveLength(
      2,
    );
    expect(fixture.tester.scheduled()).toHaveLength(2);
    fixture.tester.assertNothingFailed();
  });

  it('leaves other users as they are', async () => {
    await fixture.register({ ...ada, email: 'grace@example.com' });
    await fixture.post('/verify', { token });

    expect(await fixture.users()).toMatchObject([
      { email: 'ada@example.com', verified: true },
      { email: 'grace@example.com', verified: false },
    ]);
  });

  it('stands although the welcome mail is refused', async () => {
    fixture.peers.mail.refuse();
    const response = await fixture.post('/verify', { token });
    await fixture.tester.settled();

    expect(response.status).toBe(200);
    expect(await fixture.users()).toMatchObject([{ verified: true }]);
    fixture.tester.assertScheduled({ name: 'mail.welcome', status: 'failed' });
    expect(fixture.peers.mail.attempts).toEqual([ada.email]);
    expect(fixture.received('alert')).toEqual([]);
  });

  it('with a token that was used is a 410, and nothing happens again', async () => {
    await fixture.post('/verify', { token });
    await fixture.forget();
    const response = await fixture.post('/verify', { token });

    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      message: 'This token has been used',
    });
    expect(fixture.tester.scheduled()).toEqual([]);
    expect(await fixture.users()).toMatchObject([{ verified: true }]);
  });

  it('with a token that has expired is a 410', async () => {
    await fixture.database.query(
      `UPDATE verification_tokens SET expires_at = now() - interval '1 ms'`,
    );
    const response = await fixture.post('/verify', { token });

    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      message: 'This token has expired',
    });
    await expectNothingVerified();
    expect(await tokens()).toEqual([{ user_id: userId, used: false }]);
  });

  it('with a token that nobody was given is a 404', async () => {
    const response = await fixture.post('/verify', { token: 'a'.repeat(43) });

    expect(response.status).toBe(404);
    await expectNothingVerified();
  });

  it.each([
    ['no token', {}],
    ['a token that is no text', { token: 42 }],
    ['an empty token', { token: '' }],
    ['a token that is too short', { token: 'a'.repeat(42) }],
    ['a token of other characters', { token: `${'a'.repeat(42)}"` }],
    ['several tokens', { token: ['a'.repeat(43), 'b'.repeat(43)] }],
  ])('with %s is a 400', async (_what, body) => {
    const response = await fixture.post('/verify', body);

    expect(response.status).toBe(400);
    await expectNothingVerified();
  });

  it('needs more than that the link in the mail is opened', async () => {
    const page = await fixture.get(`/verify?token=${token}`);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain(`value="${token}"`);
    await expectNothingVerified();
  });

  it('is what the page behind the link posts', async () => {
    const response = await fixture.postForm('/verify', { token });

    expect(response.status).toBe(200);
    expect(await fixture.users()).toMatchObject([{ verified: true }]);
  });

  it('has no page for what is no token', async () => {
    const page = await fixture.get('/verify?token=%3Cscript%3E');

    expect(page.status).toBe(400);
  });
});
