import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Tasks, type Task } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import type * as computing from './modules/computing.js';
import type * as failing from './modules/failing.js';
import { Latch } from './support/latch.js';
import { WatchedThreads } from './support/watched-threads.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const computeWatched = inThread<typeof computing.computeWatched>(
  new URL('./modules/computing.js', import.meta.url),
  'computeWatched',
);
const failWithRangeError = inThread<typeof failing.failWithRangeError>(
  new URL('./modules/failing.js', import.meta.url),
  'failWithRangeError',
);

let latch: Latch;
let threads: WatchedThreads;
beforeEach(async () => {
  latch = new Latch();
  threads = await WatchedThreads.listen();
});
afterEach(async () => {
  latch.release();
  await closeApps();
  threads.close();
});

describe.each(platforms)('a function on a thread, over $name', (platform) => {
  const told: Error[] = [];
  let app: TestApp;
  let task: Task | undefined;
  beforeEach(async () => {
    told.length = 0;
    @Controller()
    class ComputingController {
      @Get('compute')
      compute(@Tasks() tasks: Tasks) {
        task = tasks.schedule(computeWatched, latch.shared, threads.port);
      }

      @Get('fail')
      fail(@Tasks() tasks: Tasks) {
        task = tasks.afterRoute.schedule(failWithRangeError, 12);
      }

      @Get('ping')
      ping() {
        return 'pong';
      }
    }
    app = await createApp(platform, {
      controllers: [ComputingController],
      tasks: { onError: (_task, error) => void told.push(error) },
    });
  });

  it('lets requests be answered while it computes', async () => {
    await app.request('/compute');
    await latch.started();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.request('/ping')),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));

    expect(texts).toEqual(Array.from({ length: 20 }, () => 'pong'));
    expect(latch.isComputing).toBe(true);
    expect(task?.status).toBe('running');
    latch.release();
    expect(await task?.settled()).toEqual({
      status: 'succeeded',
      value: 'computed',
    });
  });

  it('fails its task with its error', async () => {
    const { status } = await app.request('/fail');
    const outcome = await task?.settled();

    expect(status).toBe(200);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { name: 'RangeError', message: 'no more than 10, but 12' },
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(RangeError);
    expect(app.log.messages('error')).toEqual([
      expect.stringMatching(
        /^Task "failWithRangeError" .* failed .*no more than 10, but 12$/,
      ),
    ]);
  });

  it('is ended in its thread when its task is cancelled', async () => {
    await app.request('/compute');
    await latch.started();

    expect(task?.cancel('enough')).toBe(true);
    expect(await task?.settled()).toEqual({
      status: 'cancelled',
      reason: 'enough',
    });
    await threads.ended();
    expect(latch.isComputing).toBe(true);
    expect(told).toEqual([]);
    expect(app.log.lines).toEqual([]);
  });

  it('is ended in its thread when the application shuts down', async () => {
    await app.request('/compute');
    await latch.started();
    await app.app.close();

    expect(await task?.settled()).toMatchObject({ status: 'dropped' });
    await threads.ended();
    expect(latch.isComputing).toBe(true);
  });
});
