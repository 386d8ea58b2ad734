import { describe, expect, it } from '@jest/globals';
import { SOON_MS } from '../support/soon.js';
import type { TaskScript } from './apps/script.js';
import { adapters, startScripted, useFixtures } from './support/fixtures.js';

useFixtures();

const hourly = { type: 'fixed', delay: '1h' } as const;

/** Everything that has a timer of its own while it is under way, and settles. */
const settling: readonly TaskScript[] = [
  { name: 'succeeds', timeout: '1h' },
  { name: 'fails', timeout: '1h', steps: ['fail'], onError: ['begin'] },
  { name: 'cancels itself', timeout: '1h', steps: ['cancel', 'never settle'] },
  { name: 'followed', phase: 'waitUntil', timeout: '1h' },
  {
    name: 'tries again',
    timeout: '1h',
    retries: 2,
    backoff: { type: 'fixed', delay: 1 },
    steps: [{ failUpTo: 2 }],
  },
  { name: 'times out', timeout: 1, steps: ['never settle'] },
  { name: 'at the end of the route', phase: 'afterRoute', timeout: '1h' },
  { name: 'after the response', phase: 'afterResponse', timeout: '1h' },
  { name: 'skipped', phase: 'afterResponse', runOn: 'failure', timeout: '1h' },
];

/** What the shutdown itself has to put an end to. */
const dropped: readonly TaskScript[] = [
  { name: 'asleep', retries: 1, backoff: hourly, steps: [{ failUpTo: 1 }] },
  { name: 'running', timeout: '1h', steps: ['never settle'] },
  {
    name: 'slow to respond',
    phase: 'waitUntil',
    timeout: '1h',
    steps: ['never settle'],
  },
];

describe.each([...adapters, 'none'] as const)(
  'an application on %s that is closed',
  (adapter) => {
    it('exits by itself at once: no timer of a task survives it', async () => {
      const child = await startScripted({
        adapter,
        atStart: [
          // Moments of a request mean nothing here; the tasks start at once.
          { schedule: adapter === 'none' ? [...settling, ...dropped] : [] },
        ],
      });
      if (adapter !== 'none') await child.schedule(...settling, ...dropped);
      await child.untilEvent('tries again', 'succeeded');
      await child.untilEvent('times out', 'failed');
      await child.untilEvent('asleep', 'retrying');

      child.close();
      const { code, signal, tookMs } = await child.ended();

      expect({ code, signal }).toEqual({ code: 0, signal: null });
      expect(tookMs).toBeLessThan(SOON_MS);
      expect(child.outcomes).toEqual({
        succeeds: 'succeeded',
        fails: 'failed',
        'cancels itself': 'cancelled',
        followed: 'succeeded',
        'tries again': 'succeeded',
        'times out': 'failed',
        'at the end of the route': 'succeeded',
        'after the response': 'succeeded',
        skipped: adapter === 'none' ? 'succeeded' : 'skipped',
        asleep: 'dropped',
        running: 'dropped',
        'slow to respond': 'dropped',
      });
    });
  },
);

describe('an application context without HTTP', () => {
  it('drains the tasks of AppTasks at SIGTERM, before its connections close', async () => {
    const child = await startScripted({
      adapter: 'none',
      atStart: [
        {
          schedule: [
            { name: 'shielded', shield: true, steps: [{ gate: 'go' }, 'look'] },
            { name: 'signalled', steps: ['wait for the signal', 'fail'] },
          ],
        },
      ],
    });
    await child.until('step', { by: 'signalled', what: 'waits' });

    child.signal('SIGTERM');
    await child.untilEvent('signalled', 'dropped');
    expect(child.all('closed')).toEqual([]);
    child.open('go');

    expect(await child.ended()).toMatchObject({
      code: null,
      signal: 'SIGTERM',
    });
    expect(child.outcomes).toEqual({
      shielded: 'succeeded',
      signalled: 'dropped',
    });
    expect(child.steps('shielded')).toContain('open: feature global late root');
  });

  it('closes within the bound when a shielded task never settles', async () => {
    const child = await startScripted({
      adapter: 'none',
      tasks: { shutdown: { gracePeriod: 200, abortPeriod: 100 } },
      atStart: [
        { schedule: [{ name: 'deaf', shield: true, steps: ['never settle'] }] },
      ],
    });
    await child.until('step', { by: 'deaf' });

    child.close();
    const { code, tookMs } = await child.ended();

    expect(code).toBe(0);
    expect(tookMs).toBeGreaterThan(300);
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toEqual({ deaf: 'dropped' });
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(/: 1 task dropped: deaf$/),
    ]);
  });
});
