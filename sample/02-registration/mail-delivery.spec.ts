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

describe.each(platforms)('a verification mail over $name', (platform) => {
  let fixture: RegistrationFixture;
  beforeAll(async () => {
    fixture = await RegistrationFixture.start(platform);
  }, 30_000);
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  const verifies = async () => {
    const token = fixture.tokenOf(ada.email);
    return (await fixture.post('/verify', { token })).status === 200;
  };

  it('that is refused twice is delivered by the third attempt, and nobody is alerted', async () => {
    fixture.peers.mail.refuse({ times: 2 });
    const id = await fixture.register(ada);

    expect(fixture.eventsOf(`verification_email_${id}`)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'started',
      'retrying',
      'started',
      'succeeded',
    ]);
    expect(fixture.peers.mail.attempts).toEqual(Array(3).fill(ada.email));
    expect(fixture.peers.mail.received).toHaveLength(1);
    expect(fixture.received('alert')).toEqual([]);
    expect(await verifies()).toBe(true);
  });

  it('that is refused each time is tried four times, then one alert is raised', async () => {
    fixture.peers.mail.refuse();
    const id = await fixture.register(ada);

    expect(fixture.peers.mail.attempts).toEqual(Array(4).fill(ada.email));
    expect(fixture.eventsOf(`verification_email_${id}`).at(-1)).toBe('failed');
    expect(fixture.peers.mail.received).toEqual([]);
    expect(fixture.received('alert')).toEqual([
      {
        text: expect.stringMatching(
          `^Email delivery failed: verification_email_${id} after 4 attempts: .*451`,
        ),
      },
    ]);
    expect(await fixture.users()).toMatchObject([{ id, verified: false }]);
  });

  it('that is refused for good is not tried again, and one alert is raised', async () => {
    fixture.peers.mail.refuse({ code: 550 });
    const id = await fixture.register(ada);

    expect(fixture.peers.mail.attempts).toEqual([ada.email]);
    expect(fixture.received('alert')).toEqual([
      {
        text: expect.stringMatching(
          `^Email delivery failed: verification_email_${id} after 1 attempt: .*550`,
        ),
      },
    ]);
  });

  it('whose alert cannot be raised either troubles nobody else', async () => {
    fixture.peers.mail.refuse({ times: 4 });
    fixture.peers.alert.behaviour = { status: 500, delayMs: 0 };
    await fixture.register(ada);
    const grace = { ...ada, email: 'grace@example.com' };
    await fixture.register(grace);

    expect(fixture.received('alert')).toHaveLength(1);
    expect(fixture.tokenOf(grace.email)).not.toBe('');
  });
});
