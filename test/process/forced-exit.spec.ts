import { afterEach, describe, expect, it } from '@jest/globals';
import type { ScriptedOptions } from './apps/scripted.js';
import { ChildApp } from './support/child-app.js';
import { adapters } from './support/fixtures.js';

afterEach(async () => {
  await Promise.all(ChildApp.takeStarted().map((child) => child.kill()));
});

describe.each(adapters)('process.exit() by a listener on %s', (adapter) => {
  const start = (options: Partial<ScriptedOptions> = {}) =>
    ChildApp.start('scripted', { adapter, exitsAtSignal: true, ...options });

  it('is followed by one line that names the shielded tasks that it cuts off', async () => {
    const child = await start();
    await child.schedule(
      { name: 'pay\nfor all', shield: true, steps: ['never settle'] },
      { name: 'done', shield: true },
      { name: 'unshielded', steps: ['never settle'] },
    );
    await child.until('step', { by: 'unshielded', what: 'never settles' });

    const { code } = await child.terminate();

    expect(code).toBe(0);
    expect(child.stderr).toMatch(
      /^nestjs-tasks: .* 1 task .*: "pay\\u000afor all" \(.*\)\. Call app\.close\(\).*\n$/,
    );
  });

  it('is followed by nothing when no shielded task is left', async () => {
    const child = await start();
    await child.schedule({ name: 'done', shield: true });
    await child.untilEvent('done', 'succeeded');

    expect(await child.terminate()).toMatchObject({ code: 0 });
    expect(child.stderr).toBe('');
  });

  it('does not count as listening for the signal', async () => {
    const child = await start({ shutdownHooks: false });
    await child.schedule(
      { name: 'a', shield: true },
      { name: 'b', shield: true },
    );
    await child.untilEvent('b', 'succeeded');

    expect(child.logged('warn')).toEqual([
      expect.stringContaining('app.enableShutdownHooks()'),
    ]);
  });
});
