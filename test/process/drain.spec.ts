import { describe, expect, it } from '@jest/globals';
import { SOON_MS } from '../support/soon.js';
import type { ScriptedOptions } from './apps/scripted.js';
import type { TaskScript } from './apps/script.js';
import type { ChildApp } from './support/child-app.js';
import { adapters, startScripted, useFixtures } from './support/fixtures.js';

useFixtures();

const ALL_OPEN = 'open: feature global late root';

/** Tells, by being signalled, that the drain has begun. */
const bell: TaskScript = { name: 'bell', steps: ['wait for the signal'] };

/** Starts an application, schedules, and sends SIGTERM when the tasks run. */
async function shutDownWith(
  options: ScriptedOptions,
  ...tasks: readonly TaskScript[]
): Promise<ChildApp> {
  const child = await startScripted(options);
  await child.schedule(...tasks, bell);
  await child.until('step', { by: 'bell', what: 'waits' });
  child.signal('SIGTERM');
  await child.until('step', { by: 'bell', what: 'wait for the signal' });
  return child;
}

describe.each(adapters)('the drain of an application on %s', (adapter) => {
  it('lets tasks that run schedule shielded ones, at any depth, and drops the others', async () => {
    const child = await shutDownWith(
      { adapter },
      {
        name: 'parent',
        shield: true,
        steps: [
          { gate: 'go' },
          {
            schedule: [
              {
                name: 'child',
                phase: 'afterResponse',
                shield: true,
                steps: [
                  {
                    schedule: [
                      { name: 'grandchild', shield: true, steps: ['look'] },
                      { name: 'unshielded grandchild' },
                    ],
                  },
                ],
              },
              { name: 'unshielded child' },
            ],
          },
        ],
      },
      {
        name: 'unshielded parent',
        steps: [
          { gate: 'go' },
          { schedule: [{ name: 'rescued', shield: true, steps: ['look'] }] },
          { gate: 'never' },
        ],
      },
    );

    child.open('go');
    await child.ended();

    expect(child.outcomes).toEqual({
      bell: 'succeeded',
      parent: 'succeeded',
      child: 'succeeded',
      grandchild: 'succeeded',
      'unshielded child': 'dropped',
      'unshielded grandchild': 'dropped',
      'unshielded parent': 'dropped',
      rescued: 'succeeded',
    });
    expect(child.steps('grandchild')).toContain(ALL_OPEN);
    expect(child.steps('rescued')).toContain(ALL_OPEN);
    const named = child.logged('warn').join('\n');
    expect(named).toMatch(/unshielded child/);
    expect(named).toMatch(/unshielded grandchild/);
    expect(named).toMatch(/unshielded parent/);
  });

  it('drops an unshielded retry that is asleep at once, and lets a shielded one wake up', async () => {
    const child = await startScripted({ adapter });
    await child.schedule(
      {
        name: 'shielded',
        shield: true,
        retries: 2,
        backoff: { type: 'fixed', delay: 150 },
        steps: [{ failUpTo: 2 }, 'look'],
      },
      {
        name: 'unshielded',
        retries: 1,
        backoff: { type: 'fixed', delay: '1h' },
        steps: [{ failUpTo: 1 }],
      },
    );
    await child.untilEvent('shielded', 'retrying');
    await child.untilEvent('unshielded', 'retrying');

    const { signal, tookMs } = await child.terminate();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toEqual({
      unshielded: 'dropped',
      shielded: 'succeeded',
    });
    const ends = child
      .all('event')
      .filter(({ event }) => event === 'dropped' || event === 'succeeded');
    expect(ends).toMatchObject([
      { task: 'unshielded', attempt: 1 },
      { task: 'shielded', attempt: 3 },
    ]);
    expect(child.steps('shielded')).toContain(ALL_OPEN);
  });

  it('gives shielded tasks the grace period, then their signal and the abort period, then drops them by name', async () => {
    const child = await shutDownWith(
      {
        adapter,
        tasks: {
          concurrency: 5,
          shutdown: { gracePeriod: 300, abortPeriod: 200 },
        },
      },
      { name: 'deaf', shield: true, steps: ['never settle'] },
      { name: 'heeds', shield: true, steps: ['wait for the signal', 'fail'] },
      { name: 'wraps up', shield: true, steps: ['wait for the signal'] },
      { name: 'queued', shield: true, phase: 'afterResponse' },
      {
        name: 'asleep',
        shield: true,
        retries: 1,
        backoff: { type: 'fixed', delay: '1h' },
        steps: [{ failUpTo: 1 }],
        onError: ['begin'],
      },
    );

    const { signal, tookMs } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeGreaterThan(500);
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toMatchObject({
      deaf: 'dropped',
      heeds: 'dropped',
      'wraps up': 'succeeded',
      asleep: 'dropped',
    });
    expect(child.logged('warn').join('\n')).toMatch(/asleep.*heeds.*deaf/);
    // Error handlers are not called for tasks that a shutdown drops.
    expect(child.steps('asleep:onError')).toEqual([]);
    expect(child.logged('error')).toEqual([]);
  });

  it('waits for error handlers that run, with every connection open', async () => {
    const child = await shutDownWith(
      { adapter },
      {
        name: 'failed',
        steps: ['fail'],
        onError: [{ gate: 'handled' }, 'look'],
      },
    );
    await child.untilEvent('failed', 'failed');

    await child.turns();
    expect(child.all('closed')).toEqual([]);
    child.open('handled');
    await child.ended();

    expect(child.steps('failed:onError')).toContain(ALL_OPEN);
  });

  it('waits for an error handler that never settles no longer than the bound', async () => {
    const child = await shutDownWith(
      { adapter, tasks: { shutdown: { gracePeriod: 200, abortPeriod: 100 } } },
      { name: 'failed', steps: ['fail'], onError: ['never settle'] },
    );

    const { signal, tookMs } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeLessThan(SOON_MS);
  });

  it.each([
    ['a shielded task', { shield: true, steps: ['close the application'] }],
    ['an unshielded task', { steps: ['close the application'] }],
    [
      'an error handler',
      { steps: ['fail'], onError: ['close the application'] },
    ],
    [
      'what a shielded task has scheduled',
      {
        shield: true,
        steps: [
          {
            schedule: [
              {
                name: 'closes',
                phase: 'afterResponse',
                shield: true,
                steps: ['close the application'],
              },
            ],
          },
        ],
      },
    ],
  ] satisfies [string, Omit<TaskScript, 'name'>][])(
    'does not wait for %s that closes the application',
    async (_what, closing) => {
      const child = await startScripted({ adapter });
      await child.schedule(
        { name: 'other', shield: true, steps: [{ gate: 'go' }, 'look'] },
        bell,
      );
      await child.until('step', { by: 'bell', what: 'waits' });
      await child.schedule({ name: 'closing', ...closing });
      await child.until('step', { by: 'bell', what: 'wait for the signal' });
      expect(child.all('closed')).toEqual([]);
      const from = performance.now();
      child.open('go');
      const { code, atMs } = await child.exit;

      expect(code).toBe(0);
      expect(atMs - from).toBeLessThan(SOON_MS);
      expect(child.outcomes).toMatchObject({ other: 'succeeded' });
      expect(child.steps('other')).toContain(ALL_OPEN);
      expect(child.all('closed')).toHaveLength(4);
      const by = child
        .all('step')
        .filter(({ what }) => what === 'close the application');
      expect(by).toHaveLength(1);
      expect(Object.values(child.outcomes)).not.toContain('dropped');
    },
  );

  it('is bounded when tasks close an application that is being shut down already', async () => {
    const child = await shutDownWith(
      { adapter, tasks: { shutdown: { gracePeriod: 200, abortPeriod: 100 } } },
      {
        name: 'closing',
        shield: true,
        steps: [{ gate: 'go' }, 'close the application'],
      },
    );
    child.open('go');

    const { signal, tookMs } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeLessThan(SOON_MS);
  });
});
