import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { TaskInvalidOptionError } from '../../lib/core/base/errors.js';
import {
  checkTaskSettings,
  resolveTaskSettings,
  type TaskSettings,
} from '../../lib/core/options/task-settings.js';

const noop = () => {};
const check = (settings: unknown) => () =>
  checkTaskSettings(settings as TaskSettings, 'The settings');
import { createRuntime } from '../support/core-runtime.js';
import { turn } from '../support/manual-clock.js';

describe('the settings of an application', () => {
  it('have defaults for everything', () => {
    expect(resolveTaskSettings({})).toEqual({
      onError: undefined,
      defaults: { immediate: {}, afterRoute: {}, afterResponse: {} },
      afterRoute: { awaited: 'afterRoute', timeoutMs: 10_000 },
      concurrency: undefined,
      maxPending: undefined,
      shutdown: { gracePeriodMs: 10_000, abortPeriodMs: 1_000 },
      threads: {
        max: Math.max(1, availableParallelism() - 1),
        idleTimeoutMs: 10_000,
      },
      observers: [],
    });
  });

  it('are used as given', () => {
    expect(
      resolveTaskSettings({
        onError: noop,
        defaults: { retries: 2 },
        afterRoute: { await: false, timeout: '3s' },
        concurrency: 4,
        maxPending: 0,
        shutdown: { gracePeriod: '1m', abortPeriod: 0 },
        threads: { max: 3, idleTimeout: '1m' },
        observers: [noop],
      }),
    ).toMatchObject({
      onError: noop,
      defaults: { afterResponse: { retries: 2 } },
      afterRoute: { awaited: 'required', timeoutMs: 3_000 },
      concurrency: 4,
      maxPending: 0,
      shutdown: { gracePeriodMs: 60_000, abortPeriodMs: 0 },
      threads: { max: 3, idleTimeoutMs: 60_000 },
      observers: [noop],
    });
  });

  it('require by default only what a route can wait for', () => {
    const { defaults } = resolveTaskSettings({
      defaults: { required: true, shield: true },
    });

    expect(defaults.afterRoute).toEqual({ required: true, shield: true });
    expect(defaults.immediate).toEqual({ shield: true });
    expect(defaults.afterResponse).toEqual({ shield: true });
  });

  it('are accepted when every value is undefined', () => {
    expect(
      check({
        onError: undefined,
        defaults: undefined,
        afterRoute: { await: undefined, timeout: undefined },
        concurrency: undefined,
        maxPending: undefined,
        shutdown: undefined,
        observers: undefined,
      }),
    ).not.toThrow();
  });

  it('allow limits of Infinity: there is none', async () => {
    const settings = { concurrency: Infinity, maxPending: Infinity };
    expect(check(settings)).not.toThrow();
    expect(resolveTaskSettings(settings)).toMatchObject(settings);

    const { tasks } = createRuntime(settings);
    const never = () => new Promise(() => {});
    const running = Array.from({ length: 20 }, () => tasks.schedule(never));
    await turn();

    expect(new Set(running.map(({ status }) => status))).toEqual(
      new Set(['running']),
    );
  });

  it.each<[string, unknown, RegExp]>([
    [
      'an unknown key',
      { retries: 1 },
      /The settings have no `retries`\. Known options: onError/,
    ],
    ['no object', 5, /The settings must be an object, got 5/],
    [
      'no concurrency at all',
      { concurrency: 0 },
      /`concurrency` must be a whole number of at least 1, got 0/,
    ],
    ['NaN at once', { concurrency: Number.NaN }, /`concurrency`/],
    ['minus endless concurrency', { concurrency: -Infinity }, /`concurrency`/],
    [
      'a negative backlog',
      { concurrency: 1, maxPending: -1 },
      /`maxPending` must be a whole number of at least 0/,
    ],
    [
      'a backlog without a limit',
      { maxPending: 5 },
      /it needs `concurrency`\. Set both, or neither/,
    ],
    [
      'a name for every task',
      { defaults: { name: 'x' } },
      /`defaults` have no `name`/,
    ],
    [
      'a signal for every task',
      { defaults: { signal: AbortSignal.abort() } },
      /`defaults` have no `signal`/,
    ],
    [
      'defaults that are no options',
      { defaults: { retries: -1 } },
      /`defaults.retries` must be/,
    ],
    [
      'an unknown key of afterRoute',
      { afterRoute: { wait: true } },
      /`afterRoute` have no `wait`\. Known options: await, timeout/,
    ],
    [
      'an await that is no boolean',
      { afterRoute: { await: 'no' } },
      /`afterRoute.await` must be true or false/,
    ],
    [
      'a grace period in words',
      { shutdown: { gracePeriod: 'long' } },
      /`shutdown.gracePeriod` must be a duration/,
    ],
    [
      'a shutdown that is no object',
      { shutdown: '10s' },
      /`shutdown` must be an object/,
    ],
    [
      'no thread at all',
      { threads: { max: 0 } },
      /`threads.max` must be a whole number of at least 1, got 0/,
    ],
    [
      'an idle time that is none',
      { threads: { idleTimeout: -1 } },
      /`threads.idleTimeout` must be a duration/,
    ],
    [
      'an unknown key of threads',
      { threads: { min: 1 } },
      /`threads` have no `min`\. Known options: max, idleTimeout/,
    ],
    [
      'one observer that is no list',
      { observers: noop },
      /`observers` must be an array of functions, got a function/,
    ],
    [
      'an observer that is no function',
      { observers: [{}] },
      /`observers\[\]` must be a function, got an object/,
    ],
    ['a handler that is none', { onError: {} }, /`onError` must be/],
  ])('are not %s', (_what, settings, message) => {
    expect(check(settings)).toThrow(TaskInvalidOptionError);
    expect(check(settings)).toThrow(message);
  });

  it('may have further keys when other layers add their own', () => {
    const seen: unknown[] = [];

    checkTaskSettings({ ambient: true } as TaskSettings, 'The settings', {
      ambient: (value) => void seen.push(value),
    });

    expect(seen).toEqual([true]);
  });
});
