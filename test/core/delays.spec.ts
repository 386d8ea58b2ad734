import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { TaskInvalidOptionError } from '../../lib/core/base/errors.js';
import { checkTaskSettings } from '../../lib/core/options/task-settings.js';
import type { TaskOptions } from '../../lib/core/task/task.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { turn } from '../support/manual-clock.js';

const DAY_MS = 86_400_000;

describe('a delayed task', () => {
  it.each<[string, TaskOptions, number]>([
    ['a delay', { delay: '1m' }, 60_000],
    ['a delay beyond the longest timer', { delay: '60d' }, 60 * DAY_MS],
    ['a date', { at: new Date(5_000) }, 5_000],
  ])('with %s starts then, and not before', async (_what, options, ms) => {
    const { tasks, clock, runtime } = createRuntime({ concurrency: 1 });
    const task = tasks.task(options).schedule(() => 'done');
    await clock.advance(ms - 1);

    expect(task).toMatchObject({ status: 'scheduled', attempt: 0 });
    expect(runtime.stats).toMatchObject({ scheduled: 1, running: 0 });
    // It holds no slot.
    expect(await tasks.schedule(() => 'now').settled()).toMatchObject({
      value: 'now',
    });
    await clock.advance(1);
    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'done',
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<TaskOptions>([{ at: new Date(0) }, { delay: 0 }])(
    'with %p is due at once',
    async (options) => {
      const { tasks, clock } = createRuntime();
      await clock.advance(1_000);
      const task = tasks.task(options).schedule(() => 'done');
      await turn();
      expect(task.status).toBe('succeeded');
    },
  );

  it('counts its delay from the moment of its phase', async () => {
    const runtime = createRuntime();
    const { tasks, clock } = runtime;
    const task = tasks.afterResponse.task({ delay: '1s' }).schedule(() => {});
    await clock.advance(10_000);
    endWell(runtime);
    await clock.advance(999);
    expect(task.status).toBe('scheduled');
    await clock.advance(1);
    expect(task.status).toBe('succeeded');
  });

  it('keeps the async context of its call', async () => {
    const { tasks, clock } = createRuntime();
    const storage = new AsyncLocalStorage<string>();
    const task = storage.run('mine', () =>
      tasks.task({ delay: '1s' }).schedule(() => storage.getStore()),
    );
    await clock.advance(1_000);
    expect(await task.settled()).toMatchObject({ value: 'mine' });
  });

  it('is cancelled by its name, itself or its signal, and leaves no timer', async () => {
    const { tasks, clock } = createRuntime();
    const controller = new AbortController();
    const { signal } = controller;
    const delayed = (options: TaskOptions) =>
      tasks.task({ delay: '1h', ...options }).schedule(() => {});
    const all = [delayed({ name: 'a' }), delayed({}), delayed({ signal })];
    await turn();

    expect(tasks.cancel('a')).toBe(1);
    expect(all[1]?.cancel()).toBe(true);
    controller.abort();
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 'cancelled'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('is dropped by a shutdown, or carried through it when it is shielded', async () => {
    const { tasks, clock, runtime } = createRuntime();
    const plain = tasks.task({ delay: '1s' }).schedule(() => {});
    const shielded = tasks
      .task({ delay: '9s', shield: true })
      .schedule(() => {});
    await turn();
    const closed = runtime.shutdown.drain(true);
    expect(plain.status).toBe('dropped');
    await clock.advance(9_000);
    await closed;
    expect(shielded.status).toBe('succeeded');
    expect(clock.pendingTimers).toBe(0);
  });

  it('retries after its own pauses, not after its delay', async () => {
    const { tasks, clock } = createRuntime();
    let runs = 0;
    const task = tasks
      .task({
        delay: '1h',
        retries: 1,
        backoff: { type: 'fixed', delay: 10 },
      })
      .schedule(() => {
        runs += 1;
        if (runs === 1) throw new Error('not yet');
      });
    await clock.advance(3_600_010);
    expect(task).toMatchObject({ status: 'succeeded', attempt: 2 });
  });
});

describe('a delay is refused', () => {
  const refused = (act: () => unknown, message: RegExp) => {
    expect(act).toThrow(TaskInvalidOptionError);
    expect(act).toThrow(message);
  };

  it.each<[TaskOptions, RegExp]>([
    [{ delay: -1 }, /`delay` must be a duration/],
    [{ delay: 'soon' as never }, /`delay` must be a duration/],
    [{ at: new Date(Number.NaN) }, /`at` must be a valid Date/],
    [{ at: Date.now() as never }, /`at` must be a valid Date/],
  ])('when it is none: %p', (options, message) => {
    const { tasks } = createRuntime();
    refused(() => tasks.task(options), message);
  });

  it.each<[string, TaskOptions, RegExp]>([
    ['beside a date', { delay: 1, at: new Date() }, /`delay` and `at`/],
    [
      'with a shield that cannot carry it',
      { delay: '11s', shield: true },
      /grace period of 10000 ms\. Make it durable/,
    ],
  ])('%s', (_what, options, message) => {
    const { tasks } = createRuntime();
    refused(() => tasks.task(options).schedule(() => {}), message);
  });

  it('when the client would wait for it', () => {
    const { afterRoute } = createRuntime().tasks;
    refused(
      () => afterRoute.task({ delay: '1s' }).schedule(() => {}),
      /after-route task .* Make the task durable/,
    );
  });

  it('for work that is running already', () => {
    const { tasks } = createRuntime();
    refused(
      () => tasks.waitUntil(Promise.resolve(), { delay: '1s' }),
      /neither `required` nor delayed/,
    );
  });

  it('as a default of all tasks', () => {
    const defaults: object = { delay: '1s' };
    refused(() => checkTaskSettings({ defaults }, 'Options'), /no `delay`/);
  });
});
