import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  it,
  jest,
} from '@jest/globals';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { newJob } from './support/engine-bench.js';
import {
  buildWorker,
  removeWorker,
  WorkerChild,
} from './support/pg-boss-child.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

jest.setTimeout(60_000);

describeWithPostgres('a worker of pg-boss that is killed', () => {
  const space = new PostgresSpace();
  const children: WorkerChild[] = [];
  let schema: string;

  beforeAll(buildWorker, 120_000);
  afterAll(async () => {
    await removeWorker();
    await space.close();
  });
  beforeEach(() => {
    schema = space.schema();
  });
  afterEach(() => children.splice(0).forEach((child) => child.kill()));

  async function start(): Promise<WorkerChild> {
    const child = new WorkerChild(POSTGRES_URL, schema);
    children.push(child);
    await child.until(({ ready }) => ready === true);
    return child;
  }

  async function enqueue(...jobs: ReturnType<typeof newJob>[]): Promise<void> {
    const producer = pgBossEngine({
      connectionString: POSTGRES_URL,
      schema,
      worker: false,
    });
    await producer.enqueue(jobs);
    await producer.stop(1_000);
  }

  it('has its job run by others within ten seconds, each time, with the attempts counted', async () => {
    const first = await start();
    const job = newJob({ task: 'hangs' });
    await enqueue(job);
    await first.until(({ id }) => id === job.id);
    const workers = [first, await start(), await start()];
    for (const attempt of [2, 3]) {
      const victim = workers.find(({ said }) =>
        said.some((line) => line.attempt === attempt - 1),
      );
      if (!victim) throw new Error('nobody runs it');
      workers.splice(workers.indexOf(victim), 1);
      const startMs = performance.now();
      victim.kill();
      const again = await Promise.race(
        workers.map((worker) => worker.until(({ id }) => id === job.id)),
      );
      expect(performance.now() - startMs).toBeLessThan(10_000);
      expect(again.attempt).toBe(attempt);
      // Whoever found it lost has said so.
      const said = workers.flatMap((worker) => worker.said);
      expect(said.filter(({ warning }) => warning)).toContainEqual({
        warning: 'pg-boss: 1 job of a worker that was lost will be run again.',
      });
    }
  });

  it('and started again runs its job within ten seconds', async () => {
    const first = await start();
    const job = newJob({ task: 'hangs' });
    await enqueue(job);
    await first.until(({ id }) => id === job.id);
    first.kill();
    const startMs = performance.now();
    const second = await start();
    const again = await second.until(({ id }) => id === job.id);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(again.attempt).toBe(2);
  });

  it('is not confused with one whose job takes long', async () => {
    const [long, lost] = [newJob({ task: 'hangs' }), newJob({ task: 'hangs' })];
    await enqueue(long, lost);
    const workers = [await start(), await start()];
    // That the lost one is found twice shows that they have looked, at times that are far apart.
    for (const count of [7, 17]) {
      await Promise.race(
        workers.map((worker) => worker.until(({ id }) => id === lost.id)),
      );
      await space.query(
        `UPDATE ${schema}.job SET retry_count = $2, heartbeat_on = now() - interval '1 hour' WHERE id = $1`,
        [lost.id, count],
      );
      await Promise.race(
        workers.map((worker) =>
          worker.until(({ attempt }) => attempt === count + 2),
        ),
      );
    }
    const said = workers.flatMap((worker) => worker.said);
    expect(said.filter(({ id }) => id === long.id)).toEqual([
      { id: long.id, attempt: 1 },
    ]);
  });
});
