import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  TerminusModule,
} from '@nestjs/terminus';
import type { TasksModuleOptions } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import {
  TasksHealthIndicator,
  type TasksHealthOptions,
} from 'nestjs-tasks/terminus';
import { SERVERS } from '../engines/support/store-servers.js';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms, type Platform } from '../support/platforms.js';
import { SOON_MS } from '../support/soon.js';

afterEach(closeApps);

/** What the health check of the application asks for. */
@Injectable()
class Wanted {
  options: TasksHealthOptions | undefined;
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly tasks: TasksHealthIndicator,
    private readonly wanted: Wanted,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([
      () => this.tasks.isHealthy('tasks', this.wanted.options),
    ]);
  }
}

async function open(platform: Platform, tasks: TasksModuleOptions) {
  const opened = await createApp(platform, {
    tasks,
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
    providers: [TasksHealthIndicator, Wanted],
  });
  return {
    ...opened,
    health: async (options?: TasksHealthOptions) => {
      opened.app.get(Wanted).options = options;
      const response = await opened.request('/health');
      const { details } = (await response.json()) as {
        details: { tasks: unknown };
      };
      return { code: response.status, tasks: details.tasks };
    },
  };
}

describe.each(platforms)('the health of tasks over $name', (platform) => {
  it('is that of the tasks that wait for a slot', async () => {
    const gate = deferred();
    const { tasks, health } = await open(platform, { concurrency: 1 });
    expect(await health({ maxWaiting: 0, maxOldest: 0 })).toEqual({
      code: 200,
      tasks: { status: 'up', scheduled: 0, waiting: 0, running: 0 },
    });
    const all = [1, 2, 3].map(() => tasks.schedule(() => gate.promise));
    await all[0]?.started();

    expect(await health({ maxWaiting: 2 })).toEqual({
      code: 200,
      tasks: { status: 'up', scheduled: 2, waiting: 2, running: 1 },
    });
    expect(await health({ maxWaiting: 1, maxOldest: '1h' })).toMatchObject({
      code: 503,
      tasks: {
        status: 'down',
        waiting: 2,
        message: '2 tasks wait for a slot (maxWaiting: 1)',
      },
    });
    expect(await health({ maxOldest: 0 })).toMatchObject({
      code: 503,
      tasks: {
        message: expect.stringMatching(
          /^a task has waited for \d+ ms \(maxOldest: 0 ms\)$/,
        ),
      },
    });

    gate.resolve();
    await Promise.all(all.map((task) => task.settled()));
    expect(await health({ maxWaiting: 0, maxOldest: 0 })).toMatchObject({
      code: 200,
    });
  });

  it('is that of the store, if there is one', async () => {
    const { health } = await open(platform, { engine: inProcessEngine() });

    expect(await health()).toMatchObject({
      code: 200,
      tasks: { status: 'up', store: 'up' },
    });
  });
});

it.each([
  [{ maxWaiting: -1 }, '`maxWaiting`'],
  [{ maxOldest: 'soon' }, '`maxOldest`'],
  [{ store: 'none' }, '`store`'],
  [{ timeout: -1 }, '`timeout`'],
  [{ least: 1 }, '`least`'],
])('%j is refused', async (options, named) => {
  const [platform] = platforms;
  if (!platform) return;
  const { app } = await open(platform, {});

  await expect(
    app.get(TasksHealthIndicator).isHealthy('tasks', options as object),
  ).rejects.toMatchObject({
    code: 'TASK_INVALID_OPTION',
    message: expect.stringContaining(named),
  });
});

for (const { name, describe: describeStore, create, removeAll } of SERVERS) {
  describeStore(`the health of tasks over ${name}`, () => {
    let store: Awaited<ReturnType<typeof create>>;

    beforeEach(async () => {
      store = await create();
      await store.server.start();
    });
    afterEach(async () => {
      store.server.thaw();
      await closeApps();
      await removeAll();
    });

    it.each(['down', 'frozen'])(
      'shows in time that it is %s, and that it is back',
      async (how) => {
        const [platform] = platforms;
        if (!platform) return;
        const { health } = await open(platform, { engine: store.engine() });
        const patient = { timeout: SOON_MS };
        expect(await health(patient)).toMatchObject({
          code: 200,
          tasks: { store: 'up' },
        });
        if (how === 'down') await store.server.kill();
        else store.server.freeze();

        const startMs = performance.now();
        expect(await health({ timeout: 50 })).toMatchObject({
          code: 503,
          tasks: {
            status: 'down',
            store: 'down',
            message: 'the store does not answer',
          },
        });
        expect(await health({ store: 'optional', timeout: 50 })).toMatchObject({
          code: 200,
          tasks: { status: 'up', store: 'down' },
        });
        expect(performance.now() - startMs).toBeLessThan(SOON_MS);

        if (how === 'down') await store.server.start();
        else store.server.thaw();
        let code = 503;
        while (code !== 200) ({ code } = await health(patient));
      },
    );
  });
}
