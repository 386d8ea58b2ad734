import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TaskEvent } from 'nestjs-tasks';
import { deferred } from '../../test/support/deferred.js';
import { platforms } from '../../test/support/platforms.js';
import {
  RegistrationFixture,
  type RegistrationFixtureOptions,
} from './test/registration-fixture.js';

const ada = {
  email: 'ada@example.com',
  password: 'correct horse',
  name: 'Ada Lovelace',
};
const ONE_HOUR_MS = 3_600_000;

// Each test starts its own application.
jest.setTimeout(30_000);

describe.each(platforms)('a shutdown over $name', (platform) => {
  let fixture: RegistrationFixture;
  afterEach(() => fixture.close());

  /** Starts the application; `retrying` resolves when an attempt has failed. */
  const start = async (options: RegistrationFixtureOptions = {}) => {
    const retrying = deferred();
    const observer = ({ type }: TaskEvent) => {
      if (type === 'retrying') retrying.resolve();
    };
    fixture = await RegistrationFixture.start(platform, {
      ...options,
      tasks: { ...options.tasks, observers: [observer] },
    });
    return { retrying: retrying.promise };
  };
  const register = async () => {
    const response = await fixture.post('/register', ada);
    const { userId } = (await response.json()) as { userId: number };
    return `verification_email_${userId}`;
  };

  it('drops a mail that waits for its next attempt, and alerts nobody', async () => {
    const { retrying } = await start({ retryDelayMs: ONE_HOUR_MS });
    fixture.peers.mail.refuse({ times: 1 });
    const name = await register();
    await retrying;
    await fixture.app.close();

    expect(fixture.eventsOf(name)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'dropped',
    ]);
    expect(fixture.peers.mail.attempts).toHaveLength(1);
    expect(fixture.received('alert')).toEqual([]);
  });

  it('hangs up on a mail server that does not answer', async () => {
    await start();
    const { reached, left, resume } = fixture.peers.mail.pause();
    const name = await register();
    await reached;
    await fixture.app.close();

    await left;
    resume();
    expect(fixture.eventsOf(name).at(-1)).toBe('dropped');
    expect(fixture.peers.mail.received).toEqual([]);
    expect(fixture.received('alert')).toEqual([]);
  });

  it('would wait for the next attempt if mails were shielded', async () => {
    const { retrying } = await start({
      retryDelayMs: 50,
      tasks: { defaults: { shield: true } },
    });
    fixture.peers.mail.refuse({ times: 1 });
    const name = await register();
    await retrying;
    expect(fixture.eventsOf(name).at(-1)).toBe('retrying');
    await fixture.app.close();

    expect(fixture.eventsOf(name).at(-1)).toBe('succeeded');
    expect(fixture.peers.mail.received).toHaveLength(1);
  });
});
