import { describe, expect, it } from '@jest/globals';
import {
  TaskRetryAfterError,
  TaskUnrecoverableError,
} from '../../lib/core/base/attempt-errors.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import { createRuntime } from '../support/core-runtime.js';
import { turn } from '../support/manual-clock.js';

const fixed = { type: 'fixed', delay: 10 } as const;

describe('a task that throws TaskRetryAfterError', () => {
  it('runs again after that pause, and keeps its retries', async () => {
    const { tasks, clock, story, log } = createRuntime();
    const task = tasks
      .task({ name: 'sync', retries: 1, backoff: fixed })
      .schedule(() => {
        const { attempt } = currentTask();
        if (attempt <= 2) throw new TaskRetryAfterError('30s');
        if (attempt === 3) throw new Error('once');
        return attempt;
      });
    await clock.advance(29_999);
    expect(task.attempt).toBe(1);
    await clock.advance(1);
    expect(task.attempt).toBe(2);
    await clock.advance(30_010);
    expect(await task.settled()).toEqual({ status: 'succeeded', value: 4 });
    expect(story(task)).toEqual([
      'scheduled',
      ...Array(3).fill(['started', 'retrying']).flat(),
      'started',
      'succeeded',
    ]);
    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^Task "sync" \(.*\) runs again in 30000 ms, as its attempt 1 has asked for: /,
      ),
      expect.stringMatching(/as its attempt 2 has asked for/),
      expect.stringMatching(/failed on attempt 1 of 2, again in 10 ms: once$/),
    ]);
  });

  it('is asked neither by retryIf nor by backoff, and counts in neither', async () => {
    const { tasks, clock } = createRuntime();
    const asked: unknown[] = [];
    const task = tasks
      .task({
        retries: 1,
        retryIf: (error, attempt) => asked.push([error.message, attempt]) > 0,
        backoff: (attempt) => asked.push(attempt),
      })
      .schedule(() => {
        const { attempt } = currentTask();
        if (attempt === 1) throw new TaskRetryAfterError(5);
        throw new Error(`attempt ${attempt}`);
      });
    await clock.advance(100);
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: { message: 'attempt 3' },
    });
    expect(asked).toEqual([['attempt 2', 1], 1]);
  });

  it('can be cancelled in its pause, and is dropped there by a shutdown', async () => {
    const { tasks, clock, runtime } = createRuntime();
    const wait = () => {
      throw new TaskRetryAfterError('1h');
    };
    const [cancelled, dropped] = [tasks.schedule(wait), tasks.schedule(wait)];
    await turn();
    expect(cancelled.cancel()).toBe(true);
    void runtime.shutdown.drain(true);
    await clock.advance(1);
    expect(cancelled.status).toBe('cancelled');
    expect((await dropped.settled()).status).toBe('dropped');
  });

  it('fails where its work cannot be started again', async () => {
    const { tasks } = createRuntime();
    const task = tasks.waitUntil(Promise.reject(new TaskRetryAfterError('1s')));
    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: { code: 'TASK_RETRY_AFTER', afterMs: 1_000 },
    });
  });

  it('says why, and refuses what is no pause', () => {
    const cause = new Error('429');
    const error = new TaskRetryAfterError('1m', { cause });
    expect(error).toMatchObject({
      code: 'TASK_RETRY_AFTER',
      afterMs: 60_000,
      cause,
    });
    expect(error.message).toBe(
      'another attempt was asked for in 60000 ms: 429',
    );
    for (const wrong of [-1, Number.NaN, 'soon', undefined]) {
      expect(() => new TaskRetryAfterError(wrong as never)).toThrow(
        /`after` must be a duration/,
      );
    }
  });
});

describe('a task that throws TaskUnrecoverableError', () => {
  it('fails at once, and is told of once', async () => {
    const told: unknown[] = [];
    const { tasks } = createRuntime({
      onError: (_task, error) => void told.push(error),
    });
    const error = new TaskUnrecoverableError('no address');
    const task = tasks
      .task({ retries: 5, retryIf: () => true })
      .schedule(() => Promise.reject(error));
    expect(await task.settled()).toEqual({ status: 'failed', error });
    expect(task.attempt).toBe(1);
    expect(told).toEqual([error]);
    expect(error).toMatchObject({
      code: 'TASK_UNRECOVERABLE',
      message: 'no address',
    });
  });

  it('may be given the error that is the reason', () => {
    const cause = new Error('gone');
    expect(new TaskUnrecoverableError(cause)).toMatchObject({
      message: 'gone',
      cause,
    });
  });
});

it('an error whose properties cannot be read asks for nothing', async () => {
  const { tasks } = createRuntime();
  const hostile = new Proxy(new Error('x'), {
    get(target, key) {
      if (key === 'code') throw new Error('no');
      return Reflect.get(target, key) as unknown;
    },
  });
  const task = tasks.schedule(() => Promise.reject(hostile));
  expect((await task.settled()).status).toBe('failed');
});
