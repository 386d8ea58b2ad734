import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param } from '@nestjs/common';
import {
  TaskBacklogFullError,
  Tasks,
  type Task,
  type TaskOptions,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { RawClient } from '../support/raw-client.js';

afterEach(closeApps);

describe.each(platforms)('limits over $name', (platform) => {
  it('run one task at a time with concurrency 1, in the order of scheduling across requests', async () => {
    const order: string[] = [];
    let running = 0;
    @Controller()
    class OneController {
      @Get(':request')
      handle(@Param('request') request: string, @Tasks() tasks: Tasks) {
        for (const n of [1, 2, 3]) {
          tasks.schedule(async () => {
            running += 1;
            order.push(`${request}${n} beside ${running - 1}`);
            await turn();
            await turn();
            running -= 1;
          });
        }
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [OneController],
      tasks: { concurrency: 1 },
    });

    await request('/a');
    await request('/b');
    await tester.settled();

    expect(order).toEqual([
      'a1 beside 0',
      'a2 beside 0',
      'a3 beside 0',
      'b1 beside 0',
      'b2 beside 0',
      'b3 beside 0',
    ]);
  });

  it('drop a task beyond maxPending, call its error handler, and do not affect the request', async () => {
    const gate = deferred();
    const told: unknown[] = [];
    @Controller()
    class FullController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        const onError = (task: Task, error: Error) =>
          void told.push([task.name, error]);
        for (const name of ['runs', 'waits', 'is too much']) {
          const options: TaskOptions = { name, onError };
          tasks.task(options).schedule(() => gate.promise);
        }
        return 'value';
      }
    }
    const { request, tasks, tester, log } = await createApp(platform, {
      controllers: [FullController],
      tasks: { concurrency: 1, maxPending: 1 },
    });

    expect(await (await request('/')).text()).toBe('value');
    expect(tester.scheduled().map(({ status }) => status)).toEqual([
      'running',
      'scheduled',
      'dropped',
    ]);
    gate.resolve();
    await tester.settled();

    expect(told).toEqual([['is too much', expect.any(TaskBacklogFullError)]]);
    expect(log.messages('warn')).toEqual([
      expect.stringMatching(/"is too much".*maxPending/),
    ]);
    expect(tasks.stats).toMatchObject({ succeeded: 2, dropped: 1 });
  });

  it('let requests be answered while twenty thousand released tasks run', async () => {
    let done = 0;
    const doneWhenAnswered: number[] = [];
    @Controller()
    class StormController {
      @Get('storm')
      storm(@Tasks() tasks: Tasks) {
        for (let n = 0; n < 20_000; n += 1) {
          tasks.afterResponse.schedule(() => void (done += 1));
        }
      }

      @Get('foreground')
      foreground() {
        return 'answered';
      }
    }
    const { request, tester } = await createApp(platform, {
      controllers: [StormController],
    });

    const isOver = () => done === 20_000;

    await request('/storm');
    while (!isOver()) {
      await request('/foreground');
      doneWhenAnswered.push(done);
    }
    await tester.settled();

    // If all of them ran in one go, no request could be answered in between.
    const between = doneWhenAnswered.filter((count) => count < 20_000);
    expect(between.length).toBeGreaterThan(2);
  });

  it('do not count tasks whose response has not ended: the server bounds the requests of a connection', async () => {
    const gate = deferred();
    const entered = deferred();
    let calls = 0;
    @Controller()
    class HoldingController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => {});
        calls += 1;
        entered.resolve();
        if (calls === 1) await gate.promise;
        return 'done';
      }
    }
    const { app, url, tasks, tester } = await createApp(platform, {
      controllers: [HoldingController],
      tasks: { concurrency: 1, maxPending: 20 },
    });
    const server = app.getHttpServer() as Server;
    server.maxRequestsPerSocket = 10;
    const client = await RawClient.connect(url);

    client.pipeline(...Array.from({ length: 200 }, () => ['/'] as const));
    await entered.promise;
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(tasks.stats).toMatchObject({ scheduled: 10, dropped: 0 });

    gate.resolve();
    await client.response();
    client.close();
    await tester.settled();
    expect(calls).toBe(10);
  });
});
