import { Agent, type ClientRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { SOON_MS } from '../support/soon.js';
import type { TaskScript } from './apps/script.js';
import { adapters, startScripted, useFixtures } from './support/fixtures.js';
import { open } from './support/http-client.js';

useFixtures();

/** One shielded and one unshielded task for each moment. */
const ofEachPhase: readonly TaskScript[] = (
  ['immediate', 'afterRoute', 'afterResponse'] as const
).flatMap((phase) => [
  { name: `${phase} shielded`, phase, shield: true, steps: ['look'] },
  { name: `${phase} unshielded`, phase, steps: ['look'] },
]);

const shieldedRanOthersDropped = {
  'immediate shielded': 'succeeded',
  'afterRoute shielded': 'succeeded',
  'afterResponse shielded': 'succeeded',
  'immediate unshielded': 'dropped',
  // The response waits for it.
  'afterRoute unshielded': 'succeeded',
  'afterResponse unshielded': 'dropped',
};

describe.each(adapters)('a request in flight at SIGTERM on %s', (adapter) => {
  it('still schedules during the drain: shielded tasks run, others are dropped by name', async () => {
    const child = await startScripted({ adapter });
    const answer = child.play([
      'begin',
      { gate: 'handler' },
      { schedule: ofEachPhase },
    ]);
    await child.until('step', { by: 'handler', what: 'begin' });
    await child.schedule(
      { name: 'holds the drain', shield: true, steps: [{ gate: 'drain' }] },
      { name: 'signalled', steps: ['wait for the signal'] },
    );
    await child.until('step', { by: 'signalled' });

    child.signal('SIGTERM');
    await child.until('step', { by: 'signalled', what: 'wait for the signal' });
    child.open('handler');
    expect(await answer).toEqual({ status: 201, body: 'played' });
    await child.untilEvent('afterResponse shielded', 'succeeded');
    expect(child.all('closed')).toEqual([]);
    child.open('drain');
    const { signal } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(child.outcomes).toMatchObject(shieldedRanOthersDropped);
    expect(child.steps('afterResponse shielded')).toContain(
      'open: feature global late root',
    );
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(
        /2 tasks dropped: immediate unshielded, afterResponse unshielded$/,
      ),
    ]);
  });

  it('still schedules after the first drain: the second one waits for the shielded tasks', async () => {
    const child = await startScripted({ adapter });
    const answer = child.play([
      'begin',
      { gate: 'handler' },
      {
        schedule: [
          ...ofEachPhase,
          {
            name: 'slow',
            phase: 'afterResponse',
            shield: true,
            steps: [{ gate: 'slow' }, 'look'],
          },
        ],
      },
    ]);
    await child.until('step', { by: 'handler', what: 'begin' });

    child.signal('SIGTERM');
    await child.until('closed', { connection: 'global' });
    child.open('handler');
    expect(await answer).toEqual({ status: 201, body: 'played' });
    await child.untilEvent('slow', 'started');
    await child.turns();
    expect(child.indexOf('closed', { connection: 'late' })).toBe(-1);
    child.open('slow');
    const { signal } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(child.outcomes).toEqual({
      ...shieldedRanOthersDropped,
      slow: 'succeeded',
    });
    expect(child.steps('slow')).toContain('open: late');
    // Between the drains nothing says when a line for all of them would come.
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(/^Task "immediate unshielded" was dropped/),
      expect.stringMatching(/^Task "afterResponse unshielded" was dropped/),
    ]);
  });

  it('is answered like any other while the drain holds the shutdown', async () => {
    const child = await startScripted({ adapter });
    await child.schedule(
      { name: 'holds the drain', shield: true, steps: [{ gate: 'drain' }] },
      { name: 'signalled', steps: ['wait for the signal'] },
    );
    await child.until('step', { by: 'signalled' });

    child.signal('SIGTERM');
    await child.until('step', { by: 'signalled', what: 'wait for the signal' });
    const answer = await child.schedule(...ofEachPhase);
    child.open('drain');
    await child.ended();

    expect(answer.status).toBe(201);
    expect(child.outcomes).toMatchObject(shieldedRanOthersDropped);
  });

  it('that never ends has its tasks dropped by name, within the bound', async () => {
    const child = await startScripted({
      adapter,
      tasks: { shutdown: { gracePeriod: 200, abortPeriod: 100 } },
    });
    const request = open(`${child.url}/play`, {
      body: [
        {
          schedule: [
            { name: 'queued', phase: 'afterResponse', shield: true },
            { name: 'unshielded', phase: 'afterResponse' },
          ],
        },
        'never settle',
      ],
    });
    request.on('error', () => {});
    await child.until('step', { by: 'handler', what: 'never settles' });
    request.destroy();

    const { signal, tookMs } = await child.terminate();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toEqual({
      queued: 'dropped',
      unshielded: 'dropped',
    });
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(/: 1 task dropped: unshielded$/),
      expect.stringMatching(/: 1 task dropped: queued$/),
    ]);
  });
});

describe.each(adapters)('an open connection at SIGTERM on %s', (adapter) => {
  it('that is idle and kept alive holds nothing up', async () => {
    const child = await startScripted({ adapter });
    const agent = new Agent({ keepAlive: true });
    try {
      const requests = Array.from({ length: 5 }, () =>
        child.play([{ schedule: ofEachPhase }], agent),
      );
      await Promise.all(requests);

      const { signal, tookMs } = await child.terminate();

      expect(signal).toBe('SIGTERM');
      expect(tookMs).toBeLessThan(SOON_MS);
      expect(child.all('closed')).toHaveLength(4);
    } finally {
      agent.destroy();
    }
  });

  it('that streams without end holds the server as it would without the module, and not the drain', async () => {
    const child = await startScripted({ adapter });
    const stream = await openStream(`${child.url}/events`);

    child.signal('SIGTERM');
    await child.until('closed', { connection: 'global' });
    await child.turns();
    expect(child.outcomes).toEqual({ 'after the stream': 'dropped' });
    stream.destroy();

    expect(await child.ended()).toMatchObject({ signal: 'SIGTERM' });
  });

  it('that streams lets its shielded task run when the client leaves during the drain', async () => {
    const child = await startScripted({ adapter });
    const stream = await openStream(`${child.url}/events?shield`);

    child.signal('SIGTERM');
    await child.turns();
    expect(child.outcomes).toEqual({});
    stream.destroy();
    const { signal } = await child.ended();

    expect(signal).toBe('SIGTERM');
    expect(child.outcomes).toEqual({ 'after the stream': 'succeeded' });
    expect(child.steps('after the stream')).toContain(
      'open: feature global late root',
    );
  });

  it('that streams without end is given up after the grace period, by the name of its shielded task', async () => {
    const child = await startScripted({
      adapter,
      forceCloseConnections: true,
      tasks: { shutdown: { gracePeriod: 200, abortPeriod: 100 } },
    });
    await openStream(`${child.url}/events?shield`);

    const { signal, tookMs } = await child.terminate();

    expect(signal).toBe('SIGTERM');
    expect(tookMs).toBeGreaterThan(200);
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(child.outcomes).toEqual({ 'after the stream': 'dropped' });
    expect(child.logged('warn')).toEqual([
      expect.stringMatching(/: 1 task dropped: after the stream$/),
    ]);
  });
});

/** Resolves when the stream has begun. */
async function openStream(url: string): Promise<ClientRequest> {
  const stream = open(url);
  stream.on('error', () => {});
  await new Promise<void>((resolve) => {
    stream.on('response', (response) => {
      response.on('error', () => {});
      response.resume();
      resolve();
    });
  });
  return stream;
}
