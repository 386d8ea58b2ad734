import { describe, expect, it } from '@jest/globals';
import type { MisbehavingOptions } from './apps/misbehaving.js';
import { ChildApp } from './support/child-app.js';
import { adapters, useFixtures } from './support/fixtures.js';
import { call } from './support/http-client.js';

useFixtures();

describe.each(adapters)('an application on %s', (adapter) => {
  it('lives on and exits with 0 whatever tasks, handlers, observers, policies and the logger throw', async () => {
    const options: MisbehavingOptions = { adapter };
    const child = await ChildApp.start('misbehaving', options);
    const phases = ['immediate', 'afterRoute', 'afterResponse', 'waitUntil'];
    for (const phase of phases) {
      expect(await call(`${child.url}/${phase}`)).toEqual({
        status: 200,
        body: 'answered',
      });
    }

    expect(child.all('log')).toEqual([]);

    const stats = (await child.ask('stats')) as Record<string, number>;
    await child.turns();
    child.close();
    const { code, signal } = await child.ended();

    expect({ code, signal }).toEqual({ code: 0, signal: null });
    // Nobody but the siblings did well, and each of them did.
    expect(stats).toMatchObject({
      scheduled: 0,
      running: 0,
      succeeded: phases.length,
      siblings: phases.length,
      dropped: 0,
      cancelled: 0,
      skipped: 0,
    });
    expect(stats['failed']).toBeGreaterThan(1_000);
    expect(stats['handled']).toBeGreaterThan(500);
    expect(stats['policies']).toBeGreaterThan(300);
    // That nothing has escaped to the process is checked after every test.
  });
});
