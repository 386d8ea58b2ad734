import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as Sentry from '@sentry/node';
import { BrokenCircuitError } from 'cockatiel';
import { register } from 'prom-client';
import { Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { breakCircuit } from './recipes/circuit-breaker.js';
import { oneAtATime } from './recipes/one-at-a-time.js';
import { countTasks, showRunning } from './recipes/prometheus.js';
import { isolateTask, monitorTask, reportTask } from './recipes/sentry.js';

const root = process.cwd();
const folder = join(root, 'test', 'docs', 'recipes');

afterEach(async () => {
  await closeApps();
  await Sentry.close();
});

const fails = (): never => {
  throw new Error('down');
};

describe('the page of recipes', () => {
  const page = readFileSync(join(root, 'docs', 'guides', 'recipes.md'), 'utf8');

  it.each(readdirSync(folder))(
    'has the code of %s, which is run here',
    (file) => {
      expect(page).toContain(readFileSync(join(folder, file), 'utf8').trim());
    },
  );
});

const platform = platforms[0];
if (!platform) throw new Error('There is no platform.');

describe('the recipe', () => {
  it('for Prometheus counts and times tasks', async () => {
    const { tasks } = await createApp(platform, {
      tasks: { observers: [countTasks] },
    });
    showRunning(tasks);
    await tasks
      .task({ retries: 1, backoff: () => 0 })
      .schedule(fails)
      .settled();
    const running = tasks.schedule(() => deferred().promise);
    await running.started();

    const text = await register.metrics();

    expect(text).toContain(
      'tasks_ended_total{phase="immediate",outcome="failed"} 1',
    );
    expect(text).toContain('tasks_run_seconds_count{phase="immediate"} 1');
    expect(text).toContain('tasks_running 1');
  });

  it('for a circuit breaker runs nothing while the circuit is open', async () => {
    let runs = 0;
    const { tasks } = await createApp(platform, {
      tasks: { interceptors: [breakCircuit] },
    });
    const call = () => {
      runs += 1;
      fails();
    };
    for (let count = 0; count < 6; count += 1) {
      await tasks.schedule(call).settled();
    }

    expect(runs).toBe(5);
    expect(await tasks.schedule(call).settled()).toMatchObject({
      status: 'failed',
      error: expect.any(BrokenCircuitError),
    });
  });

  it('for one at a time lets tasks of one key wait for each other', async () => {
    const order: string[] = [];
    const { tasks } = await createApp(platform, {
      tasks: { interceptors: [oneAtATime(([key]) => String(key))] },
    });
    const gates = new Map(['a1', 'a2', 'b1'].map((name) => [name, deferred()]));
    const run = async (_key: string, name: string) => {
      order.push(`${name} starts`);
      await gates.get(name)?.promise;
      order.push(`${name} ends`);
    };
    const all = [
      tasks.schedule(run, 'a', 'a1'),
      tasks.schedule(run, 'a', 'a2'),
      tasks.schedule(run, 'b', 'b1'),
    ];
    for (const name of ['b1', 'a2', 'a1']) gates.get(name)?.resolve();
    await Promise.all(all.map((task) => task.settled()));

    const ofA = order.filter((line) => line.startsWith('a'));
    expect(ofA).toEqual(['a1 starts', 'a1 ends', 'a2 starts', 'a2 ends']);
    expect(order.indexOf('b1 starts')).toBeLessThan(order.indexOf('a1 ends'));
  });

  it('for Sentry reports each final failure once, with the scope of its task', async () => {
    const events: Sentry.ErrorEvent[] = [];
    Sentry.init({
      dsn: 'https://key@127.0.0.1/1',
      defaultIntegrations: false,
      beforeSend: (event) => {
        events.push(event);
        return null;
      },
    });
    const { tasks } = await createApp(platform, {
      tasks: { interceptors: [isolateTask], onError: reportTask },
    });
    await tasks
      .task({ name: 'charge', retries: 1, backoff: () => 0 })
      .schedule(() => {
        Sentry.setTag('order', '42');
        fails();
      })
      .settled();
    await Sentry.flush();

    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      tags: { task: 'charge', order: '42' },
      contexts: { task: { attempt: 2 } },
      exception: { values: [{ value: 'down' }] },
    });
  });

  it('for Sentry checks in at the start and the end of each attempt of a recurring task', async () => {
    @Injectable()
    class Reports {
      @Task('report.nightly', {
        durable: true,
        repeat: { cron: '0 3 * * *' },
        interceptors: [
          monitorTask({ schedule: { type: 'crontab', value: '0 3 * * *' } }),
        ],
      })
      build() {
        fails();
      }
    }
    const checkIns: unknown[] = [];
    Sentry.init({ dsn: 'https://key@127.0.0.1/1', defaultIntegrations: false });
    Sentry.getClient()?.on('beforeEnvelope', ([, items]) => {
      for (const [{ type }, checkIn] of items) {
        if (type === 'check_in') checkIns.push(checkIn);
      }
    });
    const { tester } = await createApp(platform, {
      providers: [Reports],
      tasks: { engine: inProcessEngine() },
    });
    await tester.fire('report.nightly');
    await Sentry.flush();

    expect(checkIns).toEqual([
      expect.objectContaining({
        monitor_slug: 'report-nightly',
        status: 'in_progress',
        monitor_config: expect.objectContaining({
          schedule: { type: 'crontab', value: '0 3 * * *' },
        }),
      }),
      expect.objectContaining({
        monitor_slug: 'report-nightly',
        status: 'error',
      }),
    ]);
  });
});
