import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { AppTasks } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { describeWithRedis, RedisSpace } from '../engines/support/redis.js';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms, type Platform } from '../support/platforms.js';
import { MailTasks } from './migrations/mail-tasks.js';
import { moveOldJobs } from './migrations/move-old-jobs.js';

const platform = platforms[0] as Platform;
const folder = join(process.cwd(), 'test', 'docs', 'migrations');

afterEach(closeApps);

describe('the guide from @nestjs/bullmq', () => {
  const page = readFileSync(
    join(process.cwd(), 'docs', 'migration', 'from-nestjs-bullmq.md'),
    'utf8',
  );

  it.each(readdirSync(folder))(
    'has the code of %s, which is run here',
    (file) => {
      expect(page).toContain(readFileSync(join(folder, file), 'utf8').trim());
    },
  );
});

describeWithRedis('what waits in a queue of @nestjs/bullmq', () => {
  const space = new RedisSpace();
  afterAll(() => space.close());

  it('is moved, runs when it is due, and is gone from the old queue', async () => {
    const old = new Queue('mail', {
      connection: space.connection,
      prefix: `${space.prefix}-old`,
    });
    await old.addBulk([
      { name: 'welcome', data: { to: 'a@example.com', subject: 'Hi' } },
      {
        name: 'welcome',
        data: { to: 'b@example.com', subject: 'Later' },
        opts: { delay: 3_600_000 },
      },
      {
        name: 'welcome',
        data: { to: 'c@example.com', subject: 'Last' },
        opts: { priority: 5 },
      },
    ]);
    const succeeded: string[] = [];
    let ended: () => void = () => {};
    const { app } = await createApp(platform, {
      tasks: {
        engine: bullmqEngine({
          enqueueTimeout: '30s',
          fallback: 'fail',
          connection: space.connection,
          prefix: space.prefix,
          worker: { queues: { default: 10, mail: 5 } },
        }),
        observers: [
          ({ type, task }) => {
            if (type === 'succeeded') succeeded.push(task.id);
            ended();
          },
        ],
      },
      providers: [MailTasks],
    });

    expect(await moveOldJobs(old, app.get(AppTasks))).toBe(3);
    expect(await old.count()).toBe(0);
    expect(await moveOldJobs(old, app.get(AppTasks))).toBe(0);
    while (succeeded.length < 2) {
      await new Promise<void>((resolve) => (ended = resolve));
    }
    const { sent } = app.get(MailTasks);
    expect(sent.toSorted()).toEqual([
      'Hi to a@example.com, attempt 1',
      'Last to c@example.com, attempt 1',
    ]);
    const mine = new Queue('nestjs-tasks.mail', {
      connection: space.connection,
      prefix: space.prefix,
    });
    expect(await mine.getDelayedCount()).toBe(1);
    await Promise.all([old.close(), mine.close()]);
  });

  it('stays there when it cannot be stored, and does not run here', async () => {
    const old = new Queue('mail', {
      connection: space.connection,
      prefix: `${space.prefix}-kept`,
    });
    await old.add('welcome', { to: 'a@example.com', subject: 'Hi' });
    const { app } = await createApp(platform, {
      tasks: {
        engine: bullmqEngine({
          enqueueTimeout: 50,
          fallback: 'fail',
          // Nobody listens there.
          connection: { host: '127.0.0.1', port: 1 },
          worker: { queues: { default: 10, mail: 5 } },
        }),
        onError: [() => {}],
      },
      providers: [MailTasks],
    });

    await expect(moveOldJobs(old, app.get(AppTasks))).rejects.toThrow(
      'was not moved',
    );
    expect(await old.count()).toBe(1);
    expect(app.get(MailTasks).sent).toEqual([]);
    await old.close();
  });
});
