import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { inThread, TaskThreadError } from 'nestjs-tasks/threads';
import { closeApps } from '../support/create-app.js';
import { turn } from '../support/manual-clock.js';
import type * as computing from './modules/computing.js';
import type * as failing from './modules/failing.js';
import { createTasks } from './support/create-tasks.js';
import { Latch } from './support/latch.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/failing.js', import.meta.url);
const exit = inThread<typeof failing.exit>(url, 'exit');
const failBeside = inThread<typeof failing.failBeside>(url, 'failBeside');
const failAfterwards = inThread<typeof failing.failAfterwards>(
  url,
  'failAfterwards',
);
const compute = inThread<typeof computing.compute>(
  new URL('./modules/computing.js', import.meta.url),
  'compute',
);
const whichThread = inThread<typeof computing.default>(
  new URL('./modules/computing.js', import.meta.url),
);

afterEach(closeApps);

describe('a thread that ends before its call is done', () => {
  it.each([
    [
      'calls process.exit()',
      () => exit(3),
      'The thread of "exit" ended before the function did: worker exited with code: 3',
    ],
    [
      'fails outside the call',
      () => failBeside(),
      'The thread of "failBeside" ended before the function did: beside',
    ],
  ])('because it %s fails the task', async (_why, call, message) => {
    const { tasks } = await createTasks({ threads: { max: 1 } });
    const outcome = await tasks.schedule(call).settled();

    expect(outcome).toMatchObject({
      status: 'failed',
      error: {
        constructor: TaskThreadError,
        code: 'TASK_THREAD_FAILED',
        message,
      },
    });
    expect((outcome as { error: Error }).error.cause).toHaveProperty('message');
    // The next call has another thread.
    expect(await tasks.schedule(whichThread).settled()).toMatchObject({
      status: 'succeeded',
    });
  });

  it('takes no other with it, and none that waits', async () => {
    const [running, waiting] = [new Latch(), new Latch()];
    const { tasks } = await createTasks({ threads: { max: 2 } });
    const sibling = tasks.schedule(compute, running.shared);
    await running.started();
    const ended = tasks.schedule(exit, 1);
    const next = tasks.schedule(compute, waiting.shared);
    await waiting.started();
    running.release();
    waiting.release();

    expect(await ended.settled()).toMatchObject({ status: 'failed' });
    expect(await sibling.settled()).toMatchObject({ status: 'succeeded' });
    expect(await next.settled()).toMatchObject({ status: 'succeeded' });
  });
});

describe('a thread that fails when its call is done', () => {
  it('is named in the log, and replaced', async () => {
    const { tasks, log } = await createTasks({ threads: { max: 1 } });
    const told = new Int32Array(new SharedArrayBuffer(4));
    const task = tasks.schedule(failAfterwards, told.buffer);
    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'done',
    });
    Atomics.store(told, 0, 1);
    while (log.lines.length === 0) await turn();

    expect(log.messages('error')).toEqual([
      'A thread failed while it was idle: afterwards',
    ]);
    expect(await tasks.schedule(whichThread).settled()).toMatchObject({
      status: 'succeeded',
    });
  });
});
