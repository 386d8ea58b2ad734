import { afterAll, afterEach, expect, it, jest } from '@jest/globals';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';
import { storeWork } from './support/store-work.js';
import { WorkerProcess } from './support/worker-process.js';

jest.setTimeout(120_000);

describeWithPostgres('a worker over pg-boss', () => {
  const space = new PostgresSpace();
  afterEach(() => WorkerProcess.killAll());
  afterAll(() => space.close());

  it('that is lost is not confused with one whose job takes long, and is reported', async () => {
    const place = { connectionString: POSTGRES_URL, schema: space.schema() };
    const store = (what: string) =>
      storeWork(
        pgBossEngine({ ...place, worker: false, enqueueTimeout: '30s' }),
        {
          what,
          until: 'never',
        },
      );
    await store('long');
    const lost = await store('lost');
    const start = () => WorkerProcess.start({ pgBoss: place });
    const workers = [await start(), await start()];
    // That the lost one is found twice shows that they have looked, at times that are far apart.
    for (const count of [7, 17]) {
      await Promise.race(workers.map((worker) => worker.began('lost')));
      await space.query(
        `UPDATE ${place.schema}.job SET retry_count = $2, heartbeat_on = now() - interval '1 hour' WHERE id = $1`,
        [lost, count],
      );
      await Promise.race(
        workers.map((worker) =>
          worker.until(
            (report) => report.is === 'began' && report.attempt === count + 2,
          ),
        ),
      );
    }
    const reports = workers.flatMap((worker) => worker.reports);
    expect(
      reports.filter(({ is, what }) => is === 'began' && what === 'long'),
    ).toMatchObject([{ attempt: 1 }]);
    expect(reports).toContainEqual({
      is: 'log',
      what: 'pg-boss: 1 job of lost workers will run again.',
    });
  });
});
