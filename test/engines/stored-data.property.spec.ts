import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Injectable } from '@nestjs/common';
import * as fc from 'fast-check';
import {
  AppTasks,
  Task,
  type DurableEngine,
  type EngineHost,
  type TaskJob,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';

/** A longer search has more runs, or ends after a time: `npm run fuzz`. */
const { FUZZ_RUNS, FUZZ_MS } = process.env;
const SEARCH = {
  numRuns: Number(FUZZ_RUNS ?? 2_000),
  // A busy machine looks at less.
  interruptAfterTimeLimit: Number(FUZZ_MS ?? 20_000),
  markInterruptAsFailure: false,
};

/** An engine whose store has whatever a test says. */
class AnyStore implements DurableEngine {
  readonly name = 'any';
  readonly codec = inProcessEngine().codec;
  host!: EngineHost;
  readonly jobs: TaskJob[] = [];

  async start(host: EngineHost) {
    this.host = host;
  }

  async enqueue(jobs: readonly TaskJob[]) {
    // As a store gives them back.
    this.jobs.push(...(JSON.parse(JSON.stringify(jobs)) as TaskJob[]));
    return jobs.map(({ id }) => id);
  }

  async cancel() {
    return true;
  }

  async pause() {}
  async stop() {}
}

let thrown: () => never = () => {
  throw new Error('not set');
};

@Injectable()
class Work {
  readonly seen: unknown[][] = [];

  @Task('work', { durable: true, retries: 1 })
  work(...args: unknown[]) {
    this.seen.push(args);
  }

  @Task('fail', { durable: true })
  fail() {
    thrown();
  }
}

const store = new AnyStore();
let app: TestApp;
let valid: TaskJob;
const rejections: unknown[] = [];
const onRejection = (reason: unknown) => rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  const [platform] = platforms;
  app = await createApp(platform!, {
    providers: [Work],
    tasks: { engine: store },
  });
  const tasks = app.app.get(AppTasks);
  tasks.of(Work).work('order-17', { total: 5 });
  await tasks.idle();
  [valid] = store.jobs as [TaskJob];
});

afterEach(() => expect(rejections).toEqual([]));

afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await closeApps();
});

/** Something in the place of a part of a job. */
const junk = fc.oneof(
  fc.anything({ withBigInt: false, withDate: true }),
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    -1,
    NaN,
    Infinity,
    2 ** 53,
    [],
    {},
    'soon',
    'many',
    { retries: 'many' },
    { timeout: 'soon' },
    { signal: {} },
    { onError: 'log' },
    { backoff: { type: 'linear' } },
    'x'.repeat(100_000),
    '[["Buffer",1],{"length":3000000000}]',
    '[["Buffer",1],["QUJD"]]',
    '[[-7,4294967295]]',
    '[[1],["Error",2],{}]',
    '{"args":{"length":5}}',
    '{"args":null}',
    '{',
  ),
);

const parts = [
  'version',
  'id',
  'task',
  'args',
  'phase',
  'key',
  'options',
  'context',
] as const;

describe('what comes from a store', () => {
  it('runs when it is what was stored', async () => {
    expect(await store.host.run(valid, 1)).toEqual({ status: 'done' });
    expect(app.app.get(Work).seen).toEqual([['order-17', { total: 5 }]]);
  });

  it('is refused when it is anything else, and nothing else happens', async () => {
    await fc.assert(
      fc.asyncProperty(junk, async (data) => {
        expect(await store.host.run(data, 1)).toMatchObject({
          status: 'refused',
          error: { message: expect.stringMatching(/^A job was refused: /) },
        });
      }),
      SEARCH,
    );
    // The end of the time interrupts a run.
    await app.tasks.idle();
    expect(app.tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
  });

  it('is refused or runs as a call could have made it, when a part was replaced, removed or added', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...parts), fc.string({ minLength: 1 })),
        junk,
        async (part, value) => {
          const { status } = await store.host.run(
            { ...valid, [part]: value },
            1,
          );
          if (!(parts as readonly string[]).includes(part)) {
            expect(status).toBe('refused');
          }
          expect(['done', 'refused', 'unknown', 'retry', 'failed']).toContain(
            status,
          );
        },
      ),
      SEARCH,
    );
    // The end of the time interrupts a run.
    await app.tasks.idle();
    expect(app.tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
  });

  it('is not shown by the log', async () => {
    const { lines } = app.log;
    const before = lines.length;
    await store.host.run({ ...valid, options: { retries: 'card 4711' } }, 1);
    await store.host.run({ ...valid, args: '{"args": card 4711' }, 1);
    await store.host.run({ ...valid, 'card 4711': 1 }, 1);

    const logged = JSON.stringify(lines.slice(before));
    expect(lines.length - before).toBe(3);
    expect(logged).not.toContain('card');
  });

  it('makes no line of more than one line, and none without an end', async () => {
    const { lines } = app.log;
    const before = lines.length;
    await store.host.run(
      { ...valid, task: `pay\n[Nest] 1 - LOG ${'x'.repeat(1e6)}` },
      1,
    );

    const [line] = lines.slice(before);
    expect(line?.message).not.toContain('\n');
    expect(line?.message.length).toBeLessThan(3_000);
  });
});

describe('what a task throws', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom<unknown>(null, undefined, 5, ['no funds'], {}, Symbol('x')),
  );
  const error = fc
    .record({ name: text, message: text, stack: text })
    .map((members) => Object.assign(new Error('x'), members));
  const hostile = fc.constantFrom<() => unknown>(
    () =>
      new Proxy(new Error('x'), {
        get() {
          throw new Error('trap');
        },
      }),
    () =>
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('trap');
        },
      }),
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    () => Object.create(null) as unknown,
  );

  it('is plain data for the engine, whatever it is', async () => {
    const failing = { ...valid, task: 'fail', args: '{"args":[]}' };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          error.map((made) => () => made),
          fc.anything().map((made) => () => made),
          hostile,
        ),
        async (create) => {
          thrown = () => {
            throw create();
          };
          const outcome = await store.host.run(failing, 1);
          expect(outcome.status).toBe('failed');
          const { error: plain } = outcome as { error: Error };
          expect(
            [plain.name, plain.message, plain.stack].map((part) => typeof part),
          ).toEqual(['string', 'string', 'string']);
        },
      ),
      SEARCH,
    );
    // The end of the time interrupts a run.
    await app.tasks.idle();
    expect(app.tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
  });
});
