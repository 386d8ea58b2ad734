import { describe, expect, it } from '@jest/globals';
import { SOON_MS } from '../support/soon.js';
import type { ScriptedOptions } from './apps/scripted.js';
import type { TaskScript } from './apps/script.js';
import { adapters, startScripted, useFixtures } from './support/fixtures.js';

useFixtures();

const ALL_OPEN = 'open: feature global late root';

describe.each(adapters)('a signal to an application on %s', (adapter) => {
  it('lets shielded tasks run on with every connection open, and drops the others by name', async () => {
    const child = await startScripted({ adapter, tasks: { concurrency: 3 } });
    const held = child.play([
      {
        schedule: [
          {
            name: 'late',
            phase: 'afterResponse',
            shield: true,
            steps: ['look'],
          },
          { name: 'unshielded late', phase: 'afterResponse' },
          { name: 'a part of the answer', phase: 'afterRoute' },
        ],
      },
      { gate: 'answer' },
    ]);
    await child.untilEvent('a part of the answer', 'scheduled');
    await child.schedule(
      { name: 'running', shield: true, steps: [{ gate: 'go' }, 'look'] },
      { name: 'signalled', steps: ['wait for the signal', 'fail'] },
      { name: 'deaf', steps: ['never settle'] },
      { name: 'queued', shield: true, steps: ['look'] },
      { name: 'unshielded queued' },
    );
    await child.until('step', { by: 'deaf' });

    child.signal('SIGTERM');
    await child.untilEvent('signalled', 'dropped');
    expect(child.outcomes).toMatchObject({
      'unshielded late': 'dropped',
      'unshielded queued': 'dropped',
    });
    expect(child.all('closed')).toEqual([]);
    child.open('go');
    child.open('answer');
    expect(await held).toEqual({ status: 201, body: 'played' });
    const exit = await child.ended();

    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(child.outcomes).toMatchObject({
      running: 'succeeded',
      queued: 'succeeded',
      late: 'succeeded',
      'a part of the answer': 'succeeded',
      deaf: 'dropped',
    });
    expect(child.steps('running')).toContain(ALL_OPEN);
    expect(child.steps('queued')).toContain(ALL_OPEN);
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(
        /shutting down: 2 tasks dropped: unshielded late, unshielded queued$/,
      ),
      expect.stringMatching(
        /has shut down its tasks: 1 task dropped: signalled$/,
      ),
      expect.stringMatching(/has shut down its tasks: 1 task dropped: deaf$/),
    ]);
    expect(child.logged('error')).toEqual([]);
  });

  it('drains before the providers of the root, a feature and a global module close', async () => {
    const child = await startScripted({ adapter });
    await child.schedule({
      name: 'payment',
      phase: 'afterResponse',
      shield: true,
      steps: [{ gate: 'paid' }, 'look'],
    });
    await child.untilEvent('payment', 'started');

    child.signal('SIGTERM');
    await child.turns();
    child.open('paid');
    await child.ended();

    expect(child.steps('payment')).toContain(ALL_OPEN);
    const drained = child.indexOf('event', { event: 'succeeded' });
    expect(drained).toBeGreaterThan(-1);
    for (const connection of ['root', 'feature', 'global', 'late']) {
      const closed = child.indexOf('closed', { connection });
      expect(closed).toBeGreaterThan(drained);
    }
  });

  it.each([['SIGTERM'], ['SIGINT']] as const)(
    'ends the process by %s as it would without the module',
    async (signal) => {
      const endOf = async (options: ScriptedOptions) => {
        const child = await startScripted(options);
        if (!options.withoutTasks) await child.schedule(...shieldedAndNot);
        child.signal(signal);
        const { code, signal: by } = await child.ended();
        return { code, by };
      };
      const [ours, plain] = await Promise.all([
        endOf({ adapter }),
        endOf({ adapter, withoutTasks: true }),
      ]);

      expect(ours).toEqual(plain);
      expect(ours).toEqual({ code: null, by: signal });
    },
  );

  it.each([['SIGTERM'], ['SIGINT']] as const)(
    'is not changed by a %s that follows',
    async (second) => {
      const child = await startScripted({ adapter });
      await child.schedule(
        { name: 'shielded', shield: true, steps: [{ gate: 'go' }, 'look'] },
        { name: 'signalled', steps: ['wait for the signal', 'fail'] },
      );
      await child.until('step', { by: 'signalled' });

      child.signal('SIGTERM');
      await child.untilEvent('signalled', 'dropped');
      child.signal(second);
      await child.turns();
      child.signal(second);
      await child.turns();
      expect(child.all('closed')).toEqual([]);
      child.open('go');

      expect(await child.ended()).toMatchObject({ signal: 'SIGTERM' });
      expect(child.outcomes).toEqual({
        shielded: 'succeeded',
        signalled: 'dropped',
      });
      expect(child.steps('shielded')).toContain(ALL_OPEN);
      expect(child.all('closed')).toHaveLength(4);
    },
  );

  it('ends the process at once when shutdown hooks are not enabled, after one warning', async () => {
    const child = await startScripted({ adapter, shutdownHooks: false });
    const stuck: TaskScript = {
      name: 'shielded',
      shield: true,
      steps: ['never settle'],
    };
    await child.schedule(stuck, stuck);
    await child.schedule(stuck);
    await child.until('step', { by: 'shielded' });

    const { signal, tookMs } = await child.terminate();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toEqual({});
    expect(child.logged('warn')).toEqual([
      expect.stringContaining('app.enableShutdownHooks()'),
    ]);
  });
});

const shieldedAndNot: readonly TaskScript[] = [
  { name: 'a', shield: true },
  { name: 'b', phase: 'afterRoute' },
  { name: 'c', phase: 'afterResponse', shield: true },
  { name: 'd', steps: ['wait for the signal'] },
];
