import { afterAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DurableEngine, TaskJob } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { deferred } from '../support/deferred.js';
import { newJob, TestHost } from './support/engine-bench.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { describeWithRedis, RedisSpace } from './support/redis.js';

/** How long a slow job takes that holds a mail back. */
const SLOW_MS = process.env['FIGURES'] ? 2_000 : 300;
const worker = { concurrency: 10 };

/** Plays the application: jobs of `resize` take long, and those of `mail` no time. */
class SlowHost extends TestHost {
  readonly queues = ['default', 'media'];
  readonly ended: string[] = [];
  readonly #resize: () => Promise<unknown>;

  constructor(resize: () => Promise<unknown>) {
    super();
    this.#resize = resize;
  }

  override answer = async ({ task }: TaskJob) => {
    if (task === 'resize') await this.#resize();
    this.ended.push(task);
    return { status: 'done' } as const;
  };

  begun(task: string, count: number): Promise<void> {
    const begun = () => this.runs.filter(({ job }) => job.task === task);
    return this.until(() => begun().length >= count);
  }
}

/** How long a mail waits behind ten slow jobs of a queue, in milliseconds. */
async function latencyBehind(
  queue: string,
  engine: DurableEngine,
): Promise<{ readonly ms: number; readonly ended: readonly string[] }> {
  const mailed = deferred();
  const isHeldBack = queue === 'default';
  const host = new SlowHost(() =>
    isHeldBack ? delay(SLOW_MS) : mailed.promise,
  );
  await engine.start(host);
  try {
    const slow = Array.from({ length: 10 }, () =>
      newJob({ task: 'resize', queue }),
    );
    await engine.enqueue(slow);
    await host.begun('resize', 10);
    const startMs = performance.now();
    await engine.enqueue([newJob({ task: 'mail' })]);
    await host.begun('mail', 1);
    return { ms: performance.now() - startMs, ended: [...host.ended] };
  } finally {
    mailed.resolve();
    await engine.stop(10_000);
  }
}

async function compare(create: () => DurableEngine): Promise<void> {
  const [before, after] = [
    await latencyBehind('default', create()),
    await latencyBehind('media', create()),
  ];
  expect(before.ended).toContain('resize');
  expect(after.ended).not.toContain('resize');
  // For the guide.
  if (process.env['FIGURES']) {
    process.stderr.write(
      `${before.ms.toFixed()} ms, ${after.ms.toFixed()} ms\n`,
    );
  }
}

const title =
  'ten slow jobs hold a mail back, but not from a queue of their own';

it(`${title}, in process`, () => compare(() => inProcessEngine({ worker })));

describeWithRedis('over BullMQ', () => {
  const space = new RedisSpace();
  afterAll(() => space.close());

  it(title, () =>
    compare(() =>
      bullmqEngine({
        enqueueTimeout: '30s',
        connection: space.connection,
        prefix: `${space.prefix}-${randomUUID()}`,
        worker,
      }),
    ),
  );
});

describeWithPostgres('over pg-boss', () => {
  const space = new PostgresSpace();
  afterAll(() => space.close());

  it(
    title,
    () =>
      compare(() =>
        pgBossEngine({
          enqueueTimeout: '30s',
          connectionString: POSTGRES_URL,
          schema: space.schema(),
          worker,
        }),
      ),
    30_000,
  );
});
