import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { inThread } from 'nestjs-tasks/threads';
import { closeApps } from '../support/create-app.js';
import type * as computing from './modules/computing.js';
import { createTasks } from './support/create-tasks.js';
import { Latch } from './support/latch.js';
import { WatchedThreads } from './support/watched-threads.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/computing.js', import.meta.url);
const compute = inThread<typeof computing.compute>(url, 'compute');
const computeWhere = inThread<typeof computing.computeWhere>(
  url,
  'computeWhere',
);
const comeAlive = inThread<typeof computing.comeAlive>(url, 'comeAlive');
const whichThread = inThread<typeof computing.default>(url);

const latches: Latch[] = [];
let threads: WatchedThreads;

function newLatch(): Latch {
  const latch = new Latch();
  latches.push(latch);
  return latch;
}

beforeEach(async () => {
  threads = await WatchedThreads.listen();
});
afterEach(async () => {
  for (const latch of latches.splice(0)) latch.release();
  await closeApps();
  threads.close();
});

describe('the threads of an application', () => {
  it('are no more than `threads.max`', async () => {
    const { tasks } = await createTasks({ threads: { max: 2 } });
    const all = Array.from({ length: 5 }, newLatch);
    const scheduled = all.map((latch) =>
      tasks.schedule(computeWhere, latch.shared),
    );
    await Promise.all([all[0]!.started(), all[1]!.started()]);
    const startedAtFirst = all.filter((latch) => latch.hasStarted).length;
    for (const latch of all) latch.release();
    const outcomes = await Promise.all(scheduled.map((task) => task.settled()));

    expect(startedAtFirst).toBe(2);
    const ids = outcomes.map((outcome) => {
      expect(outcome.status).toBe('succeeded');
      return (outcome as { value?: number }).value;
    });
    expect(new Set(ids).size).toBe(2);
  });

  it('are its own', async () => {
    const [first, second] = [newLatch(), newLatch()];
    const one = await createTasks({ threads: { max: 1 } });
    const other = await createTasks({ threads: { max: 1 } });
    const task = one.tasks.schedule(compute, first.shared);
    const sameTime = other.tasks.schedule(compute, second.shared);
    await Promise.all([first.started(), second.started()]);
    await one.app.close();
    expect(await task.settled()).toMatchObject({ status: 'dropped' });
    second.release();

    expect(await sameTime.settled()).toMatchObject({ status: 'succeeded' });
  });

  it('do one call after the other', async () => {
    const { tasks } = await createTasks({ threads: { max: 1 } });
    const ids: unknown[] = [];
    for (let call = 0; call < 3; call += 1) {
      ids.push(await tasks.schedule(whichThread).settled());
    }

    expect(new Set(ids.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(ids[0]).toEqual({ status: 'succeeded', value: expect.any(Number) });
  });

  it('end when they have been idle for `threads.idleTimeout`', async () => {
    const { tasks } = await createTasks({ threads: { idleTimeout: '1ms' } });
    const task = tasks.schedule(comeAlive, threads.port);

    expect(await task.settled()).toMatchObject({ status: 'succeeded' });
    await threads.ended();
  });

  it('stay while they may be idle, and end with the application', async () => {
    const { tasks, app } = await createTasks({
      threads: { max: 1, idleTimeout: '1h' },
    });
    const first = await tasks.schedule(comeAlive, threads.port).settled();
    const second = await tasks.schedule(whichThread).settled();
    expect(second).toEqual(first);
    expect(threads.count).toBe(0);
    await app.close();

    await threads.ended();
  });

  it('are there for functions that tasks call too', async () => {
    const { tasks } = await createTasks({ threads: { max: 1 } });
    const task = tasks.schedule(async () => [
      await whichThread(),
      await whichThread(),
    ]);
    const outcome = await task.settled();

    expect(outcome).toEqual({
      status: 'succeeded',
      value: [expect.any(Number), expect.any(Number)],
    });
    const [first, second] = (outcome as { value: number[] }).value;
    expect(second).toBe(first);
  });
});

describe('a call outside any task', () => {
  it('has a thread of its own, which ends with it', async () => {
    expect(await comeAlive(threads.port)).toEqual(expect.any(Number));
    await threads.ended();
  });

  it('waits for no other', async () => {
    const [first, second] = [newLatch(), newLatch()];
    const both = [compute(first.shared), compute(second.shared)];
    await Promise.all([first.started(), second.started()]);
    first.release();
    second.release();

    expect(await Promise.all(both)).toEqual(['computed', 'computed']);
  });
});
