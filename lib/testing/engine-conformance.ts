import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { DurableEngine, TaskJob } from '../engine/durable-engine.js';
import { JOB_VERSION } from '../engine/job-version.js';
import { ScriptedHost } from './engine-host.js';

/**
 * An engine that is to be shown to fulfil the contract.
 *
 * @publicApi
 */
export interface EngineUnderTest {
  /**
   * Makes an engine over a store that is empty: each call has one of its own.
   *
   * @param concurrency how many jobs it may run at once
   */
  create(concurrency: number): Promise<DurableEngine> | DurableEngine;
}

/**
 * One thing that every engine must do.
 *
 * @publicApi
 */
export interface ConformanceCase {
  /** What the engine must do, as the title of a test. */
  readonly name: string;
  /**
   * Tries it with an engine of its own.
   *
   * @throws (rejects with) AssertionError when the engine does otherwise
   */
  run(): Promise<void>;
}

interface Bench {
  readonly engine: DurableEngine;
  readonly host: ScriptedHost;
  job(more?: Partial<TaskJob>): TaskJob;
}

type Act = (bench: Bench) => Promise<void>;

interface Script {
  readonly name: string;
  readonly host?: () => ScriptedHost;
  readonly concurrency?: number;
  readonly isStarted?: false;
  readonly act: Act;
}

const newJob = (more: Partial<TaskJob> = {}): TaskJob => ({
  version: JOB_VERSION,
  id: randomUUID(),
  task: 'conformance.task',
  args: '[[]]',
  phase: 'immediate',
  options: {},
  ...more,
});

/** A promise that is settled from outside. */
function latch(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const SCRIPTS: readonly Script[] = [
  {
    name: 'runs a job with all that it says',
    act: async ({ engine, host, job }) => {
      const stored = job({
        args: '[[1],"déjà vu, 🎉, \\u0000 and \\"quotes\\""]',
        phase: 'afterRoute',
        key: 'order:42/é',
        options: {
          name: 'mine',
          shield: true,
          timeout: '2s',
          retries: 3,
          backoff: { type: 'fixed', delay: '1s' },
        },
        context: { traceparent: '00-1-2-01' },
      });
      await engine.enqueue([stored]);
      await host.ran(1);
      assert.deepEqual(host.runs[0]?.job, stored);
      assert.equal(host.runs[0]?.attempt, 1);
    },
  },
  {
    name: 'runs each of many jobs once, and gives their ids in order',
    act: async ({ engine, host, job }) => {
      const jobs = Array.from({ length: 500 }, () => job());
      const ids = await engine.enqueue(jobs);
      assert.equal(ids.length, jobs.length);
      assert.equal(new Set(ids).size, jobs.length);
      await host.ran(jobs.length);
      const last = job();
      await engine.enqueue([last]);
      await host.ran(1, last);
      const ran = host.runs.map((run) => run.job.id).toSorted();
      assert.deepEqual(ran, [...jobs, last].map(({ id }) => id).toSorted());
    },
  },
  {
    name: 'has nothing to do for no jobs',
    act: async ({ engine }) => {
      assert.deepEqual(await engine.enqueue([]), []);
    },
  },
  {
    name: 'keeps what is enqueued before it starts',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const early = job();
      await engine.enqueue([early]);
      await engine.start(host);
      await host.ran(1, early);
    },
  },
  {
    name: 'runs a job again after the pause it was told, with the attempt counted',
    host: () =>
      new ScriptedHost(({ attempt }) =>
        attempt < 3
          ? { status: 'retry', afterMs: 50, error: new Error('not yet') }
          : { status: 'done' },
      ),
    act: async ({ engine, host, job }) => {
      const flaky = job({ options: { retries: 2 } });
      await engine.enqueue([flaky]);
      await host.ran(3, flaky);
      const runs = host.attemptsOf(flaky);
      assert.deepEqual(
        runs.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      const [first, second] = runs;
      // Timers may be early by a millisecond.
      assert.ok((second?.startedAtMs ?? 0) - (first?.startedAtMs ?? 0) >= 49);
    },
  },
  ...(['failed', 'refused'] as const).map((status): Script => ({
    name: `never runs a job again that ${status === 'failed' ? 'has failed' : 'was refused'}`,
    host: () =>
      new ScriptedHost(({ job }) =>
        job.task === 'bad'
          ? { status, error: new Error('never again') }
          : { status: 'done' },
      ),
    concurrency: 1,
    act: async ({ engine, host, job }) => {
      const bad = job({ task: 'bad', options: { retries: 5 } });
      await engine.enqueue([bad]);
      await host.ran(1, bad);
      await passOthers(engine, host, job);
      assert.equal(host.attemptsOf(bad).length, 1);
    },
  })),
  {
    name: 'puts a job back that was returned, with its attempt not counted',
    host: () => {
      let returned = 0;
      return new ScriptedHost(({ attempt }) => {
        if (attempt === 1) {
          return { status: 'retry', afterMs: 0, error: new Error('once') };
        }
        returned += 1;
        return { status: returned === 1 ? 'returned' : 'done' };
      });
    },
    act: async ({ engine, host, job }) => {
      const moved = job({ options: { retries: 1 } });
      await engine.enqueue([moved]);
      await host.ran(3, moved);
      assert.deepEqual(
        host.attemptsOf(moved).map(({ attempt }) => attempt),
        [1, 2, 2],
      );
    },
  },
  {
    name: 'stores one waiting job for each key, and another one when that is done',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const [first, second, other] = [
        job({ key: 'same' }),
        job({ key: 'same' }),
        job({ key: 'other' }),
      ];
      const ids = await engine.enqueue([first, second, other]);
      assert.equal(ids[0], ids[1]);
      assert.notEqual(ids[0], ids[2]);
      assert.deepEqual(await engine.enqueue([job({ key: 'same' })]), [ids[0]]);
      await engine.start(host);
      await host.ran(2);
      await passOthers(engine, host, job);
      assert.equal(host.attemptsOf(second).length, 0);
      const later = job({ key: 'same' });
      await engine.enqueue([later]);
      await host.ran(1, later);
    },
  },
  {
    name: 'removes a waiting job when it is cancelled',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const unwanted = job();
      const [id] = await engine.enqueue([unwanted]);
      assert.equal(await engine.cancel(id ?? ''), true);
      assert.equal(await engine.cancel(id ?? ''), false);
      assert.equal(await engine.cancel(randomUUID()), false);
      await engine.start(host);
      await passOthers(engine, host, job);
      assert.equal(host.attemptsOf(unwanted).length, 0);
    },
  },
  (() => {
    let running = 0;
    let most = 0;
    let gate = latch();
    return {
      name: 'runs no more jobs at once than it was told',
      concurrency: 3,
      host: () => {
        running = 0;
        most = 0;
        gate = latch();
        return new ScriptedHost(async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.opened;
          running -= 1;
          return { status: 'done' };
        });
      },
      act: async ({ engine, host, job }) => {
        await engine.enqueue(Array.from({ length: 10 }, () => job()));
        await host.ran(3);
        gate.open();
        await host.ran(10);
        assert.equal(most, 3);
      },
    } satisfies Script;
  })(),
  (() => {
    let gate = latch();
    return {
      name: 'takes no job while it is paused, and still hears how those end that run',
      concurrency: 1,
      host: () => {
        gate = latch();
        return new ScriptedHost(async ({ job }) => {
          if (job.task === 'long') await gate.opened;
          return { status: 'done' };
        });
      },
      act: async ({ engine, host, job }) => {
        const long = job({ task: 'long' });
        const next = job();
        await engine.enqueue([long]);
        await host.ran(1, long);
        await engine.pause();
        await engine.enqueue([next]);
        gate.open();
        await engine.stop(2_000);
        assert.equal(host.attemptsOf(next).length, 0);
        assert.equal(host.attemptsOf(long).length, 1);
      },
    } satisfies Script;
  })(),
  {
    name: 'stops within its time although a job goes on',
    host: () => new ScriptedHost(() => new Promise(() => {})),
    act: async ({ engine, host, job }) => {
      await engine.enqueue([job()]);
      await host.ran(1);
      await engine.pause();
      const start = performance.now();
      await engine.stop(200);
      const tookMs = performance.now() - start;
      assert.ok(tookMs < 2_000, `it took ${Math.round(tookMs)} ms`);
    },
  },
];

/** Lets two jobs run, one after the other: whatever was to run before them has been run. */
async function passOthers(
  engine: DurableEngine,
  host: ScriptedHost,
  job: Bench['job'],
): Promise<void> {
  for (let passed = 0; passed < 2; passed += 1) {
    const other = job();
    await engine.enqueue([other]);
    await host.ran(1, other);
  }
}

/**
 * What every engine must do, for any test runner. An adapter that passes can be given
 * to `TasksModule.forRoot({ engine })`.
 *
 * @example
 * ```ts
 * for (const { name, run } of engineConformance({ create: () => myEngine() })) {
 *   it(name, run);
 * }
 * ```
 *
 * @publicApi
 */
export function engineConformance(
  subject: EngineUnderTest,
): readonly ConformanceCase[] {
  return SCRIPTS.map(
    ({ name, act, concurrency = 10, isStarted, ...script }) => ({
      name,
      run: async () => {
        const engine = await subject.create(concurrency);
        const host = script.host?.() ?? new ScriptedHost();
        try {
          if (isStarted !== false) await engine.start(host);
          await act({ engine, host, job: newJob });
        } finally {
          await engine.stop(1_000);
        }
      },
    }),
  );
}
