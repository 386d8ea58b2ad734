import { afterAll, expect, it, jest } from '@jest/globals';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { describeWithPgBoss } from './support/pg-boss-node.js';

afterAll(closeApps);

describeWithPgBoss('an application whose engine lacks its package', () => {
  it.each([
    ["Cannot find package 'pg-boss'", 'npm install pg-boss'],
    [
      'Must use import to load ES Module … Use Node v24.9+ where Jest supports require(esm) natively',
      'NODE_OPTIONS=--experimental-vm-modules',
    ],
  ])(
    'does not start for "%s", and says what to do',
    async (message, advice) => {
      const cause = new Error(message);
      jest.resetModules();
      jest.unstable_mockModule('pg-boss', () => {
        throw cause;
      });
      const [platform] = platforms;
      const engine = pgBossEngine({
        connectionString: 'postgres://127.0.0.1:1',
      });
      await expect(
        createApp(platform!, { tasks: { engine } }),
      ).rejects.toMatchObject({
        code: 'TASK_PEER_MISSING',
        message: expect.stringContaining(advice) as unknown,
        cause,
      });
    },
  );
});
