import { afterAll, expect, it, jest } from '@jest/globals';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { describeWithPgBoss } from './support/pg-boss-node.js';

afterAll(closeApps);

describeWithPgBoss('an application whose engine lacks its package', () => {
  it('does not start, and says what to install', async () => {
    const cause = new Error("Cannot find package 'pg-boss'");
    jest.unstable_mockModule('pg-boss', () => {
      throw cause;
    });
    const [platform] = platforms;
    const engine = pgBossEngine({ connectionString: 'postgres://127.0.0.1:1' });
    await expect(
      createApp(platform!, { tasks: { engine } }),
    ).rejects.toMatchObject({
      code: 'TASK_PEER_MISSING',
      message: expect.stringContaining('npm install pg-boss') as unknown,
      cause,
    });
  });
});
