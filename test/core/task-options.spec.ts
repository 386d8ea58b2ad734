import { describe, expect, it } from '@jest/globals';
import { checkTaskOptions } from '../../lib/core/options/task-option-checks.js';
import { TaskError } from '../../lib/core/base/task-error.js';
import { TaskInvalidOptionError } from '../../lib/core/base/errors.js';
import { mergeTaskOptions } from '../../lib/core/options/merge-task-options.js';
import { type TaskOptions } from '../../lib/core/task/task.js';
import { createRuntime } from '../support/core-runtime.js';

const noop = () => {};

describe('the options of a task', () => {
  it('are those of the application, the declaration and the call, the later winning', () => {
    const app: TaskOptions = { retries: 1, shield: true, timeout: '1s' };
    const declared: TaskOptions = { retries: 2, timeout: '2s' };
    const call: TaskOptions = { retries: 3, name: 'charge' };

    expect(mergeTaskOptions(app, declared, call)).toEqual({
      shield: true,
      timeout: '2s',
      retries: 3,
      name: 'charge',
    });
  });

  it('treat undefined as not given', () => {
    const merged = mergeTaskOptions({ retries: 1, shield: true }, undefined, {
      retries: undefined,
      shield: false,
    });

    expect(merged).toEqual({ retries: 1, shield: false });
    expect(Object.keys(merged)).not.toContain('onError');
  });

  it('are merged key by key, never inside a key', () => {
    const backoff = { type: 'fixed', delay: 5 } as const;

    expect(
      mergeTaskOptions(
        { backoff: { type: 'exponential', delay: 1, max: 9 } },
        { backoff },
      ).backoff,
    ).toBe(backoff);
  });

  it('leave the merged objects unchanged', () => {
    const layers = [
      Object.freeze({ retries: 1 }),
      Object.freeze({ retries: 2, name: 'x' }),
    ];

    mergeTaskOptions(...layers);

    expect(layers).toEqual([{ retries: 1 }, { retries: 2, name: 'x' }]);
  });

  it('cannot be changed once merged', () => {
    const { tasks } = createRuntime();
    const given: TaskOptions = { retries: 1 };
    const scheduler = tasks.task(given);
    given.retries = 7;

    const { options } = scheduler.schedule(noop);

    expect(options).toEqual({ retries: 1 });
    expect(Object.isFrozen(options)).toBe(true);
  });

  it('include own properties only, not those of the prototype', () => {
    const inherited = Object.create({ retries: -1 }) as TaskOptions;

    checkTaskOptions(inherited);

    expect(mergeTaskOptions(inherited)).toEqual({});
  });

  it('are refined by every further task()', () => {
    const { tasks } = createRuntime({ defaults: { shield: true, retries: 1 } });
    const base = tasks.task({ name: 'base', retries: 2 });

    const refined = base.task({ name: 'refined', timeout: 5 }).schedule(noop);

    expect(refined.options).toEqual({
      shield: true,
      retries: 2,
      name: 'refined',
      timeout: 5,
    });
    expect(base.schedule(noop).options).toEqual({
      shield: true,
      retries: 2,
      name: 'base',
    });
  });
});

describe('a value for an option of a task', () => {
  it('is accepted', () => {
    class Reporter {
      handle() {}
    }
    const signal = AbortSignal.abort();
    const options: TaskOptions = {
      name: 'x',
      shield: false,
      onError: [noop, Reporter],
      runOn: 'always',
      timeout: '5m',
      retries: 0,
      backoff: {
        type: 'exponential',
        delay: 0,
        max: '1h',
        factor: 1.5,
        jitter: 0.5,
      },
      retryIf: () => true,
      signal,
      required: false,
    };

    expect(() => checkTaskOptions(options)).not.toThrow();
    expect(() => checkTaskOptions({ backoff: () => 5 })).not.toThrow();
    expect(() =>
      checkTaskOptions({ retries: undefined, backoff: undefined }),
    ).not.toThrow();
  });

  it.each<[string, unknown, RegExp]>([
    [
      'an unknown key',
      { retry: 1 },
      /have no `retry`\. Known options: name, shield/,
    ],
    ['a key of Object.prototype', { toString: 1 }, /have no `toString`/],
    ['no object', 'shield', /must be an object, got 'shield'/],
    ['null', null, /must be an object, got null/],
    ['a list', [], /must be an object, got an array/],
    ['a function', noop, /must be an object, got a function/],
    ['a name that is no string', { name: 5 }, /`name` must be a string, got 5/],
    [
      'a shield that is no boolean',
      { shield: 1 },
      /`shield` must be true or false, got 1/,
    ],
    [
      'an unknown outcome',
      { runOn: 'error' },
      /`runOn` must be 'success' or 'failure' or 'always', got 'error'/,
    ],
    ['a negative timeout', { timeout: -1 }, /`timeout` must be a duration/],
    [
      'a timeout in words',
      { timeout: 'soon' },
      /`timeout` must be a duration.*'soon'/,
    ],
    [
      'negative retries',
      { retries: -1 },
      /`retries` must be a whole number of at least 0, got -1/,
    ],
    ['NaN retries', { retries: Number.NaN }, /`retries`.*NaN/],
    ['half a retry', { retries: 0.5 }, /`retries`.*0\.5/],
    ['endless retries', { retries: Infinity }, /`retries`.*Infinity/],
    ['retries as text', { retries: '3' }, /`retries`.*'3'/],
    ['a backoff without a type', { backoff: { delay: 1 } }, /`backoff\.type`/],
    [
      'an unknown backoff',
      { backoff: { type: 'linear', delay: 1 } },
      /'fixed' or 'exponential', got 'linear'/,
    ],
    [
      'a backoff without a delay',
      { backoff: { type: 'fixed' } },
      /`backoff\.delay` must be a duration/,
    ],
    [
      'a backoff with a negative delay',
      { backoff: { type: 'fixed', delay: -1 } },
      /`delay`|`backoff\.delay`/,
    ],
    [
      'a backoff with unknown keys',
      { backoff: { type: 'fixed', delay: 1, min: 2 } },
      /`backoff` have no `min`/,
    ],
    [
      'jitter above 1',
      { backoff: { type: 'fixed', delay: 1, jitter: 1.1 } },
      /`backoff.jitter` must be a number from 0 to 1/,
    ],
    [
      'NaN jitter',
      { backoff: { type: 'fixed', delay: 1, jitter: Number.NaN } },
      /`backoff.jitter`/,
    ],
    [
      'a negative factor',
      { backoff: { type: 'exponential', delay: 1, factor: -2 } },
      /`backoff.factor` must be a number of at least 0/,
    ],
    [
      'a number as backoff',
      { backoff: 100 },
      /`backoff` must be an object, got 100/,
    ],
    [
      'no function to ask',
      { retryIf: true },
      /`retryIf` must be a function, got true/,
    ],
    [
      'no signal',
      { signal: {} },
      /`signal` must be an AbortSignal, got an object/,
    ],
    [
      'a controller as signal',
      { signal: new AbortController() },
      /`signal` must be an AbortSignal/,
    ],
    [
      'null as signal',
      { signal: null },
      /`signal` must be an AbortSignal, got null/,
    ],
    [
      'a handler that is none',
      { onError: 'log' },
      /`onError` must be a function, a class .*, or an array of these, got 'log'/,
    ],
    ['a list with no handler', { onError: [noop, {}] }, /`onError`.*an object/],
    [
      'a required that is no boolean',
      { required: 'yes' },
      /`required` must be true or false/,
    ],
  ])('is not %s', (_what, options, message) => {
    const { tasks } = createRuntime();
    const use = () => tasks.afterRoute.task(options as TaskOptions);

    expect(use).toThrow(TaskInvalidOptionError);
    expect(use).toThrow(message);
  });

  it('is refused with a stable code', () => {
    try {
      checkTaskOptions({ retries: -1 });
    } catch (error) {
      expect(error).toBeInstanceOf(TaskError);
      expect(error).toMatchObject({
        name: 'TaskInvalidOptionError',
        code: 'TASK_INVALID_OPTION',
      });
    }
    expect.assertions(2);
  });

  it('may be required for after-route tasks only', () => {
    const { tasks } = createRuntime();
    const options = { required: true };

    expect(() => tasks.task(options)).toThrow(/for after-route tasks only/);
    expect(() => tasks.afterResponse.task(options)).toThrow(
      /tasks\.afterRoute\.task\(\{ required: true \}\)/,
    );
    expect(tasks.afterRoute.task(options).schedule(noop).options.required).toBe(
      true,
    );
  });
});

describe('schedule() and waitUntil()', () => {
  it.each([undefined, null, 5, 'task', {}, Promise.resolve()])(
    'refuse %p as a function, and suggest a fix',
    (value) => {
      const { tasks, runtime } = createRuntime();

      expect(() => tasks.schedule(value as never)).toThrow(
        TaskInvalidOptionError,
      );
      expect(() => tasks.afterRoute.schedule(value as never)).toThrow(
        /Write schedule\(fn, arg\), not schedule\(fn\(arg\)\)/,
      );
      expect(runtime.stats.scheduled).toBe(0);
    },
  );

  it('refuse a value that is not a promise', () => {
    const { tasks } = createRuntime();

    expect(() => tasks.waitUntil(noop as never)).toThrow(
      /waitUntil\(\) takes a promise, got a function.*schedule\(\)/,
    );
    expect(() => tasks.waitUntil(undefined as never)).toThrow(
      TaskInvalidOptionError,
    );
  });

  it('refuse to retry or to require work that is already running', () => {
    const { tasks } = createRuntime();
    const work = Promise.resolve();

    expect(() => tasks.waitUntil(work, { retries: 1 })).toThrow(
      /can be neither `required` nor delayed nor tried again/,
    );
    expect(() => tasks.waitUntil(work, { required: true })).toThrow(
      TaskInvalidOptionError,
    );
    expect(() => tasks.waitUntil(work, { retires: 1 } as TaskOptions)).toThrow(
      /have no `retires`/,
    );
  });

  it('do not apply the default retries to work that is already running', async () => {
    const { tasks } = createRuntime({ defaults: { retries: 2 } });

    const task = tasks.waitUntil(Promise.reject(new Error('once')));

    expect(await task.settled()).toMatchObject({ status: 'failed' });
    expect(task.attempt).toBe(1);
  });
});
