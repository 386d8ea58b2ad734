import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  currentTask,
  Task,
  TaskLostError,
  type EngineHost,
  type JobRunDetails,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import type { DurableEngine } from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

/** The job of the application, which does what the test says. */
let work: (task: Task) => unknown = () => {};

@Injectable()
class Work {
  @Task('work', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 0 },
  })
  run(): unknown {
    return work(currentTask());
  }
}

async function open<E extends DurableEngine>(
  engine: E,
  tasks: TasksModuleOptions = {},
) {
  const events: TaskEvent[] = [];
  const app = await createApp(platforms[0]!, {
    tasks: {
      engine,
      observers: [(event) => void events.push(event)],
      ...tasks,
    },
    providers: [Work],
  });
  return {
    ...app,
    story: () => events.map(({ type }) => type),
    warnings: () => app.log.messages('warn'),
  };
}

/** An application whose worker is played by the test. */
async function openWorker(tasks?: TasksModuleOptions, shield = false) {
  const engine = new StoringEngine();
  const app = await open(engine, tasks);
  const host = engine.host as EngineHost;
  const args = engine.codec.encode([], 'work');
  const job = newJob({ task: 'work', args, options: { shield } });
  return {
    ...app,
    run: (attempt = 1, details?: JobRunDetails) =>
      host.run(job, attempt, details),
  };
}

/** Resolves with the reason of the signal of a task. */
function fired({ signal }: Task): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
}

const HOURS = { gracePeriod: '10h', abortPeriod: '10h' } as const;

describe.each([false, true])(
  'a running job at a shutdown, with shield: %s',
  (shield) => {
    it('may end within the grace period, its signal silent', async () => {
      const gate = deferred();
      const started = deferred();
      let signal: AbortSignal | undefined;
      work = (task) => {
        ({ signal } = task);
        started.resolve();
        return gate.promise;
      };
      const app = await openWorker({ shutdown: HOURS }, shield);
      const outcome = app.run();
      await started.promise;
      const closed = app.app.close();
      await new Promise(setImmediate);
      expect(signal?.aborted).toBe(false);
      gate.resolve();
      expect(await outcome).toEqual({ status: 'done' });
      await closed;
    });

    it.each([
      ['rejects', 'returned'],
      ['resolves', 'done'],
    ])(
      'that %s once its signal has fired is %s, and only then',
      async (how, status) => {
        const gate = deferred();
        let signalled!: Promise<unknown>;
        const started = deferred();
        work = async (task) => {
          signalled = fired(task);
          started.resolve();
          await signalled;
          await gate.promise;
          if (how === 'rejects') throw new Error('interrupted');
        };
        const app = await openWorker(
          { shutdown: { gracePeriod: 10, abortPeriod: '10h' } },
          shield,
        );
        const outcome = app.run();
        let isGivenBack = false;
        void outcome.then(() => (isGivenBack = true));
        await started.promise;
        const closed = app.app.close();
        expect(await signalled).toMatchObject({ code: 'TASK_DROPPED' });
        await new Promise(setImmediate);
        expect(isGivenBack).toBe(false);
        gate.resolve();
        expect(await outcome).toEqual({ status });
        await closed;
        // It goes on in another worker: nothing is lost.
        expect(app.warnings()).toEqual([]);
        if (how === 'rejects') {
          expect(app.story()).toEqual(['started', 'enqueued']);
        }
      },
    );

    it('that ignores its signal is given back after the abort period', async () => {
      const started = deferred();
      work = () => {
        started.resolve();
        return new Promise(() => {});
      };
      const app = await openWorker(
        { shutdown: { gracePeriod: 10, abortPeriod: 10 } },
        shield,
      );
      const outcome = app.run();
      await started.promise;
      await app.app.close();
      expect(await outcome).toEqual({ status: 'returned' });
      expect(await app.run()).toEqual({ status: 'returned' });
      expect(app.log.messages('log')).toContainEqual(
        expect.stringMatching(
          /^Task "work" \(.+\) .* is given back to storing/,
        ),
      );
    });
  },
);

describe('the attempts at a job', () => {
  it('are starts, while its retries count failures', async () => {
    const seen: number[] = [];
    work = ({ attempt }) => {
      seen.push(attempt);
      throw new Error('refused');
    };
    const app = await openWorker();
    expect(await app.run(7, { failures: 0 })).toMatchObject({
      status: 'retry',
    });
    expect(await app.run(8, { failures: 1 })).toMatchObject({
      status: 'failed',
    });
    expect(seen).toEqual([7, 8]);
  });
});

describe('a job whose store says that it is no longer this worker’s', () => {
  it('has its signal fired and ends as lost, with one line', async () => {
    const started = deferred();
    let signalled!: Promise<unknown>;
    work = (task) => {
      signalled = fired(task);
      started.resolve();
      return new Promise(() => {});
    };
    const app = await openWorker();
    const loss = new AbortController();
    const outcome = app.run(1, { signal: loss.signal });
    await started.promise;
    loss.abort(new TaskLostError('its lock has expired'));
    expect(await signalled).toMatchObject({ code: 'TASK_LOST' });
    expect(await outcome).toMatchObject({ status: 'lost' });
    expect(app.story()).toEqual(['started', 'dropped']);
    expect(app.warnings()).toEqual([
      expect.stringMatching(
        /^Task "work" \(.+\) is no longer this worker's.*: its lock has expired$/,
      ),
    ]);
  });

  it('ends as cancelled when it was cancelled in the store, with one line', async () => {
    const started = deferred();
    let signalled!: Promise<unknown>;
    work = (task) => {
      signalled = fired(task);
      started.resolve();
      return new Promise(() => {});
    };
    const app = await openWorker();
    const loss = new AbortController();
    const outcome = app.run(1, { signal: loss.signal });
    await started.promise;
    const reason = new Error('cancelled with boss.cancel()');
    loss.abort(reason);
    expect(await signalled).toBe(reason);
    expect(await outcome).toMatchObject({ status: 'lost' });
    expect(app.story()).toEqual(['started', 'cancelled']);
    expect(app.warnings()).toEqual([
      expect.stringMatching(/cancelled in the store .*boss\.cancel\(\)$/),
    ]);
  });

  it('does not start when that is known before', async () => {
    work = () => {
      throw new Error('must not run');
    };
    const app = await openWorker();
    const signal = AbortSignal.abort(new TaskLostError('its lock has expired'));
    expect(await app.run(1, { signal })).toMatchObject({ status: 'lost' });
    expect(app.story()).toEqual([]);
  });

  it('keeps its outcome when it has ended before', async () => {
    work = () => 'done';
    const app = await openWorker();
    const loss = new AbortController();
    expect(await app.run(1, { signal: loss.signal })).toEqual({
      status: 'done',
    });
    loss.abort(new TaskLostError('too late'));
    expect(app.story()).toEqual(['started', 'succeeded']);
    expect(app.warnings()).toEqual([]);
  });
});

describe('a durable task that closes its application', () => {
  it('does not wait for itself when it runs here, without a shield', async () => {
    const engine = new StoringEngine();
    engine.answer = () => Promise.reject(new Error('ECONNREFUSED'));
    const app = await open(engine, { shutdown: HOURS });
    const closed = deferred();
    work = () => app.app.close().then(closed.resolve);
    app.tasks.of(Work).run();
    await closed.promise;
  });

  it('does not wait for itself as a job', async () => {
    const app = await open(inProcessEngine(), { shutdown: HOURS });
    const closed = deferred();
    work = () => app.app.close().then(closed.resolve);
    app.tasks.of(Work).run();
    await closed.promise;
  });
});
