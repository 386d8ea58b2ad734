import { describe, expect, it } from '@jest/globals';
import {
  TaskInvalidOptionError,
  TaskTimeoutError,
} from '../../lib/core/base/errors.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { Backoff, TaskOptions } from '../../lib/core/task/task.js';
import { createRuntime } from '../support/core-runtime.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const fixed: Backoff = { type: 'fixed', delay: 10 };

/** Fails in the first attempts, then returns the number of the attempt. */
const failing = (times: number) => () => {
  const { attempt } = currentTask();
  if (attempt <= times) throw new Error(`attempt ${attempt}`);
  return attempt;
};

describe('retries', () => {
  it('are further attempts of one task with one outcome', async () => {
    const told: unknown[] = [];
    const { tasks, clock, story, log, runtime } = createRuntime({
      onError: (task) => void told.push(task),
    });

    const task = tasks
      .task({ retries: 2, backoff: fixed })
      .schedule(failing(2));
    await clock.advance(20);

    expect(await task.settled()).toEqual({ status: 'succeeded', value: 3 });
    expect(task.attempt).toBe(3);
    expect(story(task)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'started',
      'retrying',
      'started',
      'succeeded',
    ]);
    expect(told).toEqual([]);
    expect(log.lines).toEqual(
      [1, 2].map((attempt) => ({
        level: 'warn',
        message: `Task "anonymous" (${task.id}) failed on attempt ${attempt} of 3, again in 10 ms: attempt ${attempt}`,
      })),
    );
    expect(runtime.stats).toMatchObject({
      scheduled: 0,
      running: 0,
      succeeded: 1,
    });
  });

  it('end with the last error, reported once', async () => {
    const told: unknown[] = [];
    const { tasks, clock, events, log } = createRuntime({
      onError: (task, { message }) => void told.push([task.attempt, message]),
    });

    const task = tasks
      .task({ retries: 2, backoff: fixed })
      .schedule(failing(9));
    await clock.advance(100);

    expect(await task.settled()).toEqual({
      status: 'failed',
      error: new Error('attempt 3'),
    });
    expect(told).toEqual([[3, 'attempt 3']]);
    expect(log.errors).toEqual([
      expect.stringMatching(/failed on attempt 3, 20 ms after its start/),
    ]);
    expect(
      events.flatMap((event) =>
        event.type === 'retrying' ? [event.error.message] : [],
      ),
    ).toEqual(['attempt 1', 'attempt 2']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are off by default', async () => {
    const { tasks } = createRuntime();
    const task = tasks.schedule(failing(1));

    expect(await task.settled()).toMatchObject({ status: 'failed' });
    expect(task.attempt).toBe(1);
  });

  it('wait as long as the backoff says, with the status scheduled', async () => {
    const { tasks, clock, runtime } = createRuntime();
    const task = tasks
      .task({
        retries: 3,
        backoff: { type: 'exponential', delay: 100, factor: 3 },
      })
      .schedule(failing(3));
    const attempts: [number, string][] = [];
    const note = () => attempts.push([task.attempt, task.status]);

    await turn();
    note();
    expect(runtime.stats).toMatchObject({ scheduled: 1, running: 0 });
    for (const ms of [99, 1, 299, 1, 899, 1]) {
      await clock.advance(ms);
      note();
    }

    expect(attempts).toEqual([
      [1, 'scheduled'],
      [1, 'scheduled'],
      [2, 'scheduled'],
      [2, 'scheduled'],
      [3, 'scheduled'],
      [3, 'scheduled'],
      [4, 'succeeded'],
    ]);
  });

  it('follow a backoff function of the attempt and its error', async () => {
    const asked: unknown[] = [];
    const { tasks, clock } = createRuntime();
    const task = tasks
      .task({
        retries: 2,
        backoff: (attempt, error) => {
          asked.push([attempt, error.message]);
          return attempt * 10;
        },
      })
      .schedule(failing(2));

    await clock.advance(10);
    expect(task.attempt).toBe(2);
    await clock.advance(20);

    expect(task.status).toBe('succeeded');
    expect(asked).toEqual([
      [1, 'attempt 1'],
      [2, 'attempt 2'],
    ]);
  });

  it('continue while retryIf returns true', async () => {
    const asked: unknown[] = [];
    const { tasks, clock, log } = createRuntime();
    const task = tasks
      .task({
        retries: 9,
        backoff: fixed,
        retryIf: ({ message }, attempt) => {
          asked.push([message, attempt]);
          return attempt < 2;
        },
      })
      .schedule(failing(9));

    await clock.advance(100);

    expect(await task.settled()).toEqual({
      status: 'failed',
      error: new Error('attempt 2'),
    });
    expect(asked).toEqual([
      ['attempt 1', 1],
      ['attempt 2', 2],
    ]);
    expect(log.errors).toHaveLength(1);
  });

  it('do not call retryIf or the backoff after the last attempt', async () => {
    let asked = 0;
    const { tasks, clock } = createRuntime();
    const task = tasks
      .task({
        retries: 1,
        backoff: () => {
          asked += 1;
          return 0;
        },
        retryIf: () => {
          asked += 1;
          return true;
        },
      })
      .schedule(failing(9));

    await clock.advance(1);

    expect(task.status).toBe('failed');
    expect(asked).toBe(2);
  });

  const broken = () => {
    throw new Error('policy');
  };
  it.each<[string, TaskOptions]>([
    ['retryIf throws', { retryIf: broken }],
    [
      'retryIf throws what is no Error',
      {
        retryIf: () => {
          throw Object.create(null);
        },
      },
    ],
    ['the backoff throws', { backoff: broken }],
    ['the backoff gives NaN', { backoff: () => Number.NaN }],
    ['the backoff gives a negative pause', { backoff: () => -1 }],
    ['the backoff gives nothing', { backoff: (() => {}) as never }],
    ['the backoff gives a promise', { backoff: (async () => 5) as never }],
    [
      'the backoff gives a promise that rejects',
      { backoff: (() => Promise.reject(new Error('policy'))) as never },
    ],
    ['retryIf gives a promise', { retryIf: (async () => true) as never }],
    [
      'retryIf gives a promise that rejects',
      { retryIf: (() => Promise.reject(new Error('policy'))) as never },
    ],
  ])('end when %s, with the error of the task', async (_, options) => {
    const told: string[] = [];
    const { tasks, log, clock, runtime } = createRuntime({
      onError: (_task, { message }) => void told.push(message),
    });

    const task = tasks
      .task({ name: 'x', retries: 5, ...options })
      .schedule(failing(9));
    await runtime.idle();
    await turn();

    expect(await task.settled()).toEqual({
      status: 'failed',
      error: new Error('attempt 1'),
    });
    expect(told).toEqual(['attempt 1']);
    expect(log.errors).toEqual([
      expect.stringMatching(
        /^Task "x" \(.+\) is not tried again: its retryIf or backoff failed with ".+" when asked about "attempt 1"/,
      ),
      expect.stringMatching(/failed on attempt 1/),
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('end at once when the task is cancelled while it sleeps', async () => {
    const { tasks, clock, story } = createRuntime();
    const task = tasks
      .task({ retries: 1, backoff: { type: 'fixed', delay: '1h' } })
      .schedule(failing(1));
    await turn();
    expect(clock.pendingTimers).toBe(1);

    expect(task.cancel()).toBe(true);

    expect(task.status).toBe('cancelled');
    expect(clock.pendingTimers).toBe(0);
    expect(story(task)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'cancelled',
    ]);
  });

  it('hold no slot while asleep', async () => {
    const { tasks, clock } = createRuntime({ concurrency: 1 });
    const asleep = tasks
      .task({ retries: 1, backoff: fixed })
      .schedule(failing(1));
    const other = tasks.schedule(never);
    await turn();
    expect([asleep.status, other.status]).toEqual(['scheduled', 'running']);

    await clock.advance(10);
    expect(asleep.attempt).toBe(1);
    other.cancel();
    await turn();

    expect(asleep).toMatchObject({ status: 'succeeded', attempt: 2 });
  });

  it('are not dropped because of a full backlog', async () => {
    const { tasks, clock } = createRuntime({ concurrency: 1, maxPending: 0 });
    const asleep = tasks
      .task({ retries: 1, backoff: fixed })
      .schedule(failing(1));
    await turn();
    const other = tasks.schedule(never);
    await clock.advance(10);
    expect(asleep.status).toBe('scheduled');

    other.cancel();
    await turn();

    expect(asleep.status).toBe('succeeded');
  });

  it('can be cancelled by an observer of the first failure', async () => {
    const { tasks, clock, story } = createRuntime({
      observers: [
        ({ type, task }) => {
          if (type === 'retrying') task.cancel('enough');
        },
      ],
    });
    const task = tasks
      .task({ retries: 1, backoff: fixed })
      .schedule(failing(1));

    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'enough',
    });
    expect(clock.pendingTimers).toBe(0);
    expect(story(task)).toEqual([
      'scheduled',
      'started',
      'retrying',
      'cancelled',
    ]);
  });
});

describe('a timeout', () => {
  it('fails the attempt with an error that suggests a fix', async () => {
    const { tasks, clock, log } = createRuntime();
    const task = tasks.task({ name: 'slow', timeout: '50ms' }).schedule(never);
    await task.started();

    await clock.advance(49);
    expect(task.status).toBe('running');
    await clock.advance(1);

    const outcome = await task.settled();
    expect(outcome).toMatchObject({
      status: 'failed',
      error: {
        name: 'TaskTimeoutError',
        code: 'TASK_TIMEOUT',
        message:
          'Task "slow" did not settle within its timeout of 50 ms (attempt 1). ' +
          'Raise `timeout`, or pass `task.signal` to what the task waits for.',
      },
    });
    expect(log.errors).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each(['resolve', 'reject'] as const)('ignores a late %s', async (way) => {
    const { tasks, clock, log, story } = createRuntime();
    const work = deferred<unknown>();
    const task = tasks.task({ timeout: 5 }).schedule(() => work.promise);
    await clock.advance(5);

    work[way](new Error('late'));
    await turn();

    expect(await task.settled()).toMatchObject({ status: 'failed' });
    expect(story(task)).toEqual(['scheduled', 'started', 'failed']);
    expect(log.lines).toHaveLength(1);
  });

  it('leaves no timer behind a task that settles in time', async () => {
    const { tasks, clock } = createRuntime({ defaults: { timeout: '1h' } });
    const work = deferred();
    const made = [
      tasks.schedule(() => 5),
      tasks.schedule(failing(1)),
      tasks.schedule(() => work.promise),
      tasks.schedule(never),
    ];
    await turn();
    expect(clock.pendingTimers).toBe(2);

    work.resolve();
    made[3]?.cancel();
    await turn();

    expect(clock.pendingTimers).toBe(0);
  });

  it('starts anew in every attempt', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks
      .task({ timeout: 10, retries: 2, backoff: { type: 'fixed', delay: 100 } })
      .schedule(() => (currentTask().attempt < 3 ? never() : 'third'));

    await clock.advance(10);
    expect(task).toMatchObject({ status: 'scheduled', attempt: 1 });
    await clock.advance(109);
    expect(task).toMatchObject({ status: 'running', attempt: 2 });
    await clock.advance(101);

    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'third',
    });
  });

  it('does not let the result of an earlier attempt settle a later one', async () => {
    const { tasks, clock } = createRuntime();
    const first = deferred<string>();
    const second = deferred<string>();
    const task = tasks
      .task({ timeout: 10, retries: 1, backoff: { type: 'fixed', delay: 0 } })
      .schedule(() =>
        currentTask().attempt === 1 ? first.promise : second.promise,
      );
    await clock.advance(10);
    expect(task).toMatchObject({ status: 'running', attempt: 2 });

    first.resolve('of the first attempt');
    await turn();
    expect(task.status).toBe('running');
    second.resolve('of the second attempt');

    expect(await task.settled()).toEqual({
      status: 'succeeded',
      value: 'of the second attempt',
    });
  });

  it('can be distinguished from other errors by retryIf', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks
      .task({
        timeout: 10,
        retries: 5,
        retryIf: (error) => !(error instanceof TaskTimeoutError),
      })
      .schedule(never);

    await clock.advance(10);

    expect(task).toMatchObject({ status: 'failed', attempt: 1 });
  });

  it('releases the slot', async () => {
    const { tasks, clock } = createRuntime({ concurrency: 1 });
    tasks.task({ timeout: 10 }).schedule(never);
    const next = tasks.schedule(never);
    await clock.advance(9);
    expect(next.status).toBe('scheduled');

    await clock.advance(1);

    expect(next.status).toBe('running');
  });

  it('does not run while the task waits for a slot', async () => {
    const { tasks, clock } = createRuntime({ concurrency: 1 });
    const first = tasks.schedule(never);
    const second = tasks.task({ timeout: 10 }).schedule(never);
    await clock.advance(100);
    expect(second.status).toBe('scheduled');

    first.cancel();
    await clock.advance(9);
    expect(second.status).toBe('running');
    await clock.advance(1);

    expect(second.status).toBe('failed');
  });

  it('applies to work that is already running', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks.waitUntil(never(), { timeout: 10 });

    await clock.advance(10);

    expect(await task.settled()).toMatchObject({
      error: { code: 'TASK_TIMEOUT' },
    });
  });

  it('does not fail a task that cancels itself when its signal is aborted', async () => {
    const { tasks, clock } = createRuntime();
    const task = tasks.task({ timeout: 10 }).schedule(() => {
      const self = currentTask();
      self.signal.addEventListener('abort', () => void self.cancel('myself'));
      return never();
    });

    await clock.advance(10);

    expect(await task.settled()).toEqual({
      status: 'cancelled',
      reason: 'myself',
    });
  });
});

describe('an invalid retry policy', () => {
  it('is refused with a code', async () => {
    const { tasks, log } = createRuntime();
    const task = tasks
      .task({ retries: 1, retryIf: (async () => true) as never })
      .schedule(failing(9));

    await task.settled();

    const [line] = log.lines;
    expect(line?.error).toBeInstanceOf(TaskInvalidOptionError);
  });
});
