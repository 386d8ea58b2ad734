import { describe, expect, it } from '@jest/globals';
import type {
  TaskErrorHandler,
  TaskOptions,
} from '../../lib/core/task/task.js';
import { currentTask } from '../../lib/core/task/task-context.js';
import type { TaskEvent } from '../../lib/core/task/task-event.js';
import type { Tasks } from '../../lib/core/scheduling/tasks.js';
import type { Task } from '../../lib/core/task/task.js';
import type { TaskPhase } from '../../lib/core/task/task-phase.js';
import { createRuntime, endWell } from '../support/core-runtime.js';
import { turn } from '../support/manual-clock.js';

const never = () => new Promise<never>(() => {});
const phases: TaskPhase[] = ['immediate', 'afterRoute', 'afterResponse'];
const schedulerOf = (tasks: Tasks, phase: TaskPhase) =>
  phase === 'immediate' ? tasks : tasks[phase];

function thrower(value: unknown): () => never {
  return () => {
    throw value;
  };
}

const hostileError = Object.defineProperties(new Error('x'), {
  // The stack first, because it is derived from the message.
  stack: { get: thrower(new Error('stack')) },
  message: { get: thrower(new Error('message')) },
});

// Jest fails the test on an unhandled rejection or an uncaught exception.

/** The ways in which any function of the user can misbehave. */
const misbehaviours: [string, () => unknown][] = [
  ['throws', thrower(new Error('thrown'))],
  ['throws a string', thrower('thrown')],
  ['throws nothing', thrower(undefined)],
  ['throws an Error that cannot be read', thrower(hostileError)],
  ['throws a frozen Error', thrower(Object.freeze(new Error('frozen')))],
  ['rejects', () => Promise.reject(new Error('rejected'))],
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['rejects late', () => turn().then(thrower(new Error('late')))],
  ['returns a thenable that throws', () => ({ then: thrower(new Error('t')) })],
  [
    'returns what throws when it is looked at',
    () => new Proxy({}, { get: thrower(new Error('get')) }),
  ],
  ['never settles', never],
];

/** One task that succeeds and one that fails, beside the task under test. */
function withSiblings(app: ReturnType<typeof createRuntime>, phase: TaskPhase) {
  const on = schedulerOf(app.tasks, phase);
  const told: string[] = [];
  const onError: TaskErrorHandler = (task) => void told.push(task.name);
  return {
    before: on.task({ name: 'before', onError }).schedule(async () => turn()),
    schedule: on.schedule.bind(on),
    after: () =>
      on
        .task({ name: 'after', onError })
        .schedule(thrower(new Error('sibling'))),
    told,
  };
}

async function untilQuiet(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

describe.each(phases)('beside tasks of the phase %s', (phase) => {
  it.each(misbehaviours)(
    'a task that %s does not affect the others',
    async (_, misbehave) => {
      const app = createRuntime();
      const siblings = withSiblings(app, phase);
      const task = siblings.schedule(misbehave);
      const after = siblings.after();

      endWell(app);
      await untilQuiet();

      expect(siblings.before.status).toBe('succeeded');
      expect(after.status).toBe('failed');
      expect(siblings.told).toEqual(['after']);
      expect(task.status).toBe(misbehave === never ? 'running' : 'failed');
      expect(app.log.errors).toHaveLength(misbehave === never ? 1 : 2);
    },
  );

  it.each(misbehaviours)(
    'an error handler that %s affects nothing else',
    async (_, misbehave) => {
      const app = createRuntime({ onError: misbehave as TaskErrorHandler });
      const siblings = withSiblings(app, phase);
      const task = siblings.schedule(thrower(new Error('declined')));
      const after = siblings.after();

      endWell(app);
      await untilQuiet();

      expect([task.status, siblings.before.status, after.status]).toEqual([
        'failed',
        'succeeded',
        'failed',
      ]);
      expect(siblings.told).toEqual(['after']);
      const [failure, ofHandler] = app.log.errors.filter((line) =>
        line.includes(task.id),
      );
      expect(failure).toContain('failed on attempt 1');
      if (misbehave !== never) {
        expect(ofHandler).toMatch(
          /^The error handler ".+" of task "anonymous" \(.+\) failed with ".+" while handling "declined"\.$/,
        );
        await app.runtime.idle();
      }
    },
  );

  it.each(misbehaviours)(
    'an observer that %s changes nothing',
    async (_, misbehave) => {
      const seen: TaskEvent['type'][] = [];
      const app = createRuntime({
        observers: [misbehave, ({ type }) => void seen.push(type)],
      });
      const siblings = withSiblings(app, phase);
      const after = siblings.after();

      endWell(app);
      await app.runtime.idle();
      await untilQuiet();

      expect([siblings.before.status, after.status]).toEqual([
        'succeeded',
        'failed',
      ]);
      expect(siblings.told).toEqual(['after']);
      expect(seen.toSorted()).toEqual([
        'failed',
        'scheduled',
        'scheduled',
        'started',
        'started',
        'succeeded',
      ]);
      const ofObserver = app.log.errors.filter((line) =>
        /^An observer failed with ".+" on the event ".+" of task ".+" \(.+\)\.$/.test(
          line,
        ),
      );
      expect(ofObserver).toHaveLength(misbehave === never ? 0 : 6);
    },
  );

  it.each(misbehaviours)(
    'a log that %s loses only its own lines',
    async (_, misbehave) => {
      const app = createRuntime(
        { afterRoute: { timeout: 5 }, observers: [thrower(new Error('o'))] },
        { log: { error: misbehave, warn: misbehave, info: misbehave } },
      );
      const siblings = withSiblings(app, phase);
      const after = siblings.after();
      const held = siblings.schedule(never);

      endWell(app);
      await untilQuiet();
      await app.clock.advance(5);
      await app.runtime.shutdown.drain(true);
      await untilQuiet();

      expect([siblings.before.status, after.status, held.status]).toEqual([
        'succeeded',
        'failed',
        'dropped',
      ]);
      expect(siblings.told).toEqual(['after']);
    },
  );
});

describe('a task that fails before it has started', () => {
  it('is logged without an attempt and a duration, which it does not have', () => {
    const { tasks, log } = createRuntime();
    const signal = Object.assign(new EventTarget(), {
      aborted: false,
      addEventListener: thrower(new Error('not a signal')),
    }) as unknown as AbortSignal;
    const task = tasks.task({ name: 'mail', signal }).schedule(() => {});
    expect(task).toMatchObject({ status: 'failed', attempt: 0 });
    expect(log.errors).toEqual([
      `Task "mail" (${task.id}) failed: not a signal`,
    ]);
  });
});

describe('re-entrance', () => {
  it('lets an error handler schedule a task that fails, and calls it again', async () => {
    let left = 3;
    const { tasks, runtime } = createRuntime({
      onError: () => {
        if (left-- > 0) fail();
      },
    });
    const fail = () => tasks.schedule(thrower(new Error('again')));
    fail();

    await runtime.idle();

    expect(runtime.stats).toMatchObject({ failed: 4, running: 0 });
  });

  it('lets a handler cancel the other tasks', async () => {
    const { tasks, runtime } = createRuntime({
      onError: () => void other.cancel('no use any more'),
    });
    const other = tasks.schedule(never);
    tasks.schedule(thrower(new Error('no')));

    await runtime.idle();

    expect(other.status).toBe('cancelled');
  });

  it('lets an observer cancel a task when it is scheduled', async () => {
    const app = createRuntime({
      observers: [
        ({ type, task }) => {
          if (type === 'scheduled') task.cancel('unwanted');
        },
      ],
    });
    let ran = false;
    const made = phases.map((phase) =>
      schedulerOf(app.tasks, phase).schedule(() => void (ran = true)),
    );

    endWell(app);
    await turn();

    expect(ran).toBe(false);
    for (const task of made) {
      expect(app.story(task)).toEqual(['scheduled', 'cancelled']);
    }
    await app.runtime.idle();
  });

  it('lets an observer cancel a task when it starts, and other tasks when it ends', async () => {
    const { tasks, story } = createRuntime({
      observers: [
        ({ type, task }) => {
          if (type === 'started' && task.name === 'first') task.cancel();
          if (type === 'cancelled' && task.name === 'first') second.cancel();
        },
      ],
    });
    const second = tasks.afterResponse.schedule(never);
    const first = tasks.task({ name: 'first' }).schedule(never);

    await first.settled();

    expect(story(first)).toEqual(['scheduled', 'started', 'cancelled']);
    expect(second.status).toBe('cancelled');
  });

  it('lets an observer schedule tasks, without looping for ever', async () => {
    let left = 100;
    const { tasks, runtime } = createRuntime({
      observers: [
        ({ type }) => {
          if (type === 'succeeded' && left-- > 0) tasks.schedule(() => {});
        },
      ],
    });
    tasks.schedule(() => {});

    await runtime.idle();

    expect(runtime.stats.succeeded).toBe(101);
  });

  it.each<[string, (cancel: () => void) => TaskOptions]>([
    ['a retryIf of true', (cancel) => ({ retryIf: () => (cancel(), true) })],
    ['a retryIf of false', (cancel) => ({ retryIf: () => (cancel(), false) })],
    ['a backoff', (cancel) => ({ backoff: () => (cancel(), 5) })],
    [
      'a backoff that throws',
      (cancel) => ({
        backoff: () => {
          cancel();
          throw new Error('broken');
        },
      }),
    ],
  ])(
    'lets %s cancel the task that it decides about',
    async (_, optionsWith) => {
      const told: unknown[] = [];
      const { tasks, clock, story, runtime } = createRuntime({
        onError: (failed) => void told.push(failed),
      });
      const task: Task = tasks
        .task({ retries: 1, ...optionsWith(() => void task.cancel()) })
        .schedule(thrower(new Error('no')));

      await turn();

      expect(task.status).toBe('cancelled');
      expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
      expect(told).toEqual([]);
      expect(runtime.stats).toMatchObject({ cancelled: 1, scheduled: 0 });
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('lets a task drain its own scope', async () => {
    const app = createRuntime();
    const seen: string[] = [];
    app.tasks.afterRoute.schedule(() => void seen.push('route'));
    app.tasks.schedule(async () => {
      await app.scope.routeEnded({ failed: false, threw: false });
      seen.push('drained');
    });

    await app.runtime.idle();

    expect(seen).toEqual(['route', 'drained']);
  });

  it('lets the teardown of an Observable schedule and cancel tasks', async () => {
    const { tasks, story, runtime } = createRuntime();
    const task = tasks.schedule(() => ({
      lift: () => {},
      subscribe: () => ({
        unsubscribe: () => {
          task.cancel('again');
          tasks.schedule(() => {});
        },
      }),
    }));
    await task.started();

    task.cancel('once');
    await runtime.idle();

    expect(await task.settled()).toMatchObject({ reason: 'once' });
    expect(story(task)).toEqual(['scheduled', 'started', 'cancelled']);
    expect(runtime.stats).toMatchObject({ succeeded: 1, cancelled: 1 });
  });

  it('lets a task cancel itself and continue', async () => {
    const { tasks, runtime } = createRuntime({ concurrency: 1 });
    tasks.schedule(async () => {
      currentTask().cancel();
      await turn();
      throw new Error('unheard');
    });
    const next = tasks.schedule(() => 'next');

    expect(await next.settled()).toMatchObject({ value: 'next' });
    await untilQuiet();
    expect(runtime.stats).toMatchObject({ cancelled: 1, succeeded: 1 });
  });
});
