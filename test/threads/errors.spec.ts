import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { currentTask, TaskFailedError, type AppTasks } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import { closeApps } from '../support/create-app.js';
import type * as failing from './modules/failing.js';
import { createTasks } from './support/create-tasks.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/failing.js', import.meta.url);
const throwThat = inThread<typeof failing.throwThat>(url, 'throwThat');
const rejectLater = inThread<typeof failing.rejectLater>(url, 'rejectLater');

let tasks: AppTasks;
beforeAll(async () => {
  ({ tasks } = await createTasks({ threads: { max: 1 } }));
});
afterAll(closeApps);

/** What a call rejects with, where it is made. */
async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  const caught = tasks.schedule(async () => {
    const [result] = await Promise.allSettled([call()]);
    return [result];
  });
  const outcome = await caught.settled();
  const { value } = outcome as { value: PromiseSettledResult<unknown>[] };
  return (value[0] as PromiseRejectedResult).reason;
}

const thrown = (what: failing.Thrown) => thrownBy(() => throwThat(what));

describe('what a function throws on a thread', () => {
  it.each([
    ['RangeError', RangeError],
    ['TypeError', TypeError],
    ['SyntaxError', SyntaxError],
    ['Error', Error],
  ] as const)('comes back as a %s', async (what, builtIn) => {
    const error = await thrown(what);

    expect(error).toBeInstanceOf(builtIn);
    expect(error).toMatchObject({ name: what, message: 'x' });
    expect(Object.keys(error as Error)).toEqual([]);
  });

  it('keeps its stack, with the lines of its source', async () => {
    const { stack } = (await thrown('RangeError')) as Error;

    expect(stack).toMatch(/^RangeError: x\n/);
    expect(stack).toMatch(/at throwThat \(.*modules\/failing\.ts:\d+:\d+\)/);
  });

  it('keeps the properties that can be copied', async () => {
    expect(await thrown('system error')).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      path: '/nowhere',
    });
  });

  it('keeps the name of its class, and its own properties', async () => {
    const error = (await thrown('class of its own')) as Error;

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ImageTooLargeError',
      message: 'too large',
      code: 'E_TOO_LARGE',
      limit: { width: 100 },
    });
    expect(String(error)).toBe('ImageTooLargeError: too large');
    expect(Object.keys(error)).not.toContain('retry');
    expect(Object.keys(error)).not.toContain('name');
  });

  it('keeps its causes', async () => {
    const { cause } = (await thrown('causes')) as Error;

    expect(cause).toBeInstanceOf(TypeError);
    expect(cause).toMatchObject({ name: 'GivenName', message: 'middle' });
    expect((cause as Error).stack).toMatch(/modules\/failing\.ts/);
    expect((cause as Error).cause).toEqual({ reason: 'inner' });
  });

  it('may be the cause of its own cause', async () => {
    const error = (await thrown('cycle')) as Error;

    expect(error.message).toBe('first');
    expect((error.cause as Error).message).toBe('second');
    expect((error.cause as Error).cause).toBe(error);
  });

  it('may be several errors', async () => {
    const error = (await thrown('aggregate')) as AggregateError;

    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toBe('several');
    expect(error.errors).toEqual([new TypeError('one'), 2]);
    expect(error.errors[0]).toBeInstanceOf(TypeError);
  });

  it('may be what a timeout of the platform throws', async () => {
    const error = (await thrown('DOMException')) as DOMException;

    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({
      name: 'TimeoutError',
      message: 'it took too long',
    });
    expect(error.stack).toMatch(/modules\/failing\.ts/);
  });

  it('may have errors among its properties', async () => {
    const { inner } = (await thrown('nested')) as Error & { inner: unknown };

    expect(inner).toBeInstanceOf(RangeError);
    expect(inner).toMatchObject({ message: 'y' });
  });

  it('may have properties that cannot be read', async () => {
    expect(await thrown('unreadable')).toMatchObject({ message: 'x' });
  });

  it.each<[failing.Thrown, unknown]>([
    ['string', 'a string'],
    ['undefined', undefined],
    ['null', null],
    ['object', { status: 503, list: [1] }],
  ])('comes as it is when it is no error: %s', async (what, value) => {
    expect(await thrown(what)).toEqual(value);
  });

  it('is named when it cannot be copied', async () => {
    expect(await thrown('function')).toMatchObject({
      code: 'TASK_THREAD_FAILED',
      message: expect.stringMatching(
        /^"throwThat" failed on its thread: it threw a function, which cannot be copied/,
      ),
    });
  });

  it('can be what its promise rejects with', async () => {
    const error = await thrownBy(() => rejectLater());

    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).stack).toMatch(/at rejectLater .*failing\.ts/);
  });

  it('fails its task, as what any function throws does', async () => {
    const [first, second] = await Promise.all([
      tasks.schedule(throwThat, 'TypeError').settled(),
      tasks.schedule(throwThat, 'string').settled(),
    ]);

    expect(first).toEqual({ status: 'failed', error: new TypeError('x') });
    expect(second).toEqual({
      status: 'failed',
      error: expect.any(TaskFailedError),
    });
    expect((second as { error: Error }).error.cause).toBe('a string');
  });

  it('asks for another attempt, or for none, as on any thread', async () => {
    const task = tasks
      .task({ retries: 3, backoff: { type: 'fixed', delay: 1 } })
      .schedule(async () => {
        const { attempt } = currentTask();
        return throwThat(attempt <= 5 ? 'retry after' : 'unrecoverable');
      });
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_UNRECOVERABLE' },
    });
    expect(task.attempt).toBe(6);
  });
});
