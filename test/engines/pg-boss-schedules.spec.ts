import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  it,
} from '@jest/globals';
import { currentTask } from 'nestjs-tasks';
import { closeApps } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { pause } from '../support/pause.js';
import { deploy } from './support/recurring-app.js';
import { describeWithPostgres } from './support/postgres.js';
import { PostgresSchedules } from './support/schedule-stores.js';

const HOUR_MS = 3_600_000;
const HOURLY = { every: '1h' } as const;
const HALF_HOURLY = { every: '30m' } as const;

interface Row {
  readonly state: string;
  readonly due: number;
}

describeWithPostgres('the chain of occurrences in pg-boss', () => {
  let space: PostgresSchedules;
  let store: ReturnType<PostgresSchedules['store']>;
  beforeAll(() => void (space = new PostgresSchedules()));
  beforeEach(() => void (store = space.store()));
  afterEach(closeApps);
  afterAll(() => space.close());

  /** Those of a task that have not ended, the first one first. */
  function live(task: string): Promise<Row[]> {
    return store.query<Row>(
      `SELECT state::text AS state, (data->>'scheduledFor')::float8 AS due FROM $job
       WHERE name = $1 AND data->>'task' = $2 AND state <= 'active' ORDER BY 2`,
      [task],
    );
  }

  /** Makes the occurrence that waits one that was due some hours ago. */
  async function postdate(hours: number): Promise<number> {
    const [row] = await store.query<{ due: number }>(
      `UPDATE $job SET id = gen_random_uuid(), start_after = now(), data = data || jsonb_build_object(
         'scheduledFor', (data->>'scheduledFor')::float8 - $2::float8,
         'scheduledAt', (data->>'scheduledFor')::float8 - $2::float8)
       WHERE name = $1 AND state = 'created' RETURNING (data->>'scheduledFor')::float8 AS due`,
      [hours * HOUR_MS],
    );
    return row?.due ?? NaN;
  }

  it('goes on after the one that was cancelled, which does not run', async () => {
    const first = await deploy(store.engine(), { a: HOURLY });
    const [cancelled] = await live('a');
    expect(await first.stored.cancel({ name: 'a', status: 'delayed' })).toBe(1);
    const second = await deploy(store.engine(), { a: HOURLY });
    expect(await live('a')).toEqual([
      { state: 'created', due: (cancelled?.due ?? NaN) + HOUR_MS },
    ]);
    await first.close();
    await second.close();
  });

  it('runs once what was missed, and goes on with what is due next', async () => {
    const before = await deploy(store.engine(), { a: HOURLY });
    await before.close();
    const dueMs = await postdate(4);
    await runsOnce(dueMs, HOURLY);
  });

  it('runs what was missed also when that is declared otherwise now', async () => {
    const before = await deploy(store.engine(), { a: HOURLY });
    await before.close();
    const dueMs = await postdate(6);
    // It changes the schedule before a worker is there.
    const web = await deploy(store.engine({ worker: false }), {
      a: HALF_HOURLY,
    });
    expect(await web.changed()).toEqual(['changed a']);
    expect(await live('a')).toEqual([{ state: 'created', due: dueMs }]);
    await runsOnce(dueMs, HALF_HOURLY);
  });

  /** Starts a worker, which runs the occurrence of that date and no other one. */
  async function runsOnce(
    dueMs: number,
    repeat: typeof HOURLY | typeof HALF_HOURLY,
  ) {
    const runs: (number | undefined)[] = [];
    const ran = deferred();
    const app = await deploy(store.engine(), { a: repeat }, () => {
      runs.push(currentTask().scheduledFor?.getTime());
      ran.resolve();
    });
    await ran.promise;
    expect(runs).toEqual([dueMs]);
    const [schedule] = await app.stored.schedules();
    expect(schedule).toMatchObject({ name: 'a', lastAt: dueMs });
    expect(schedule?.nextAt).toBeGreaterThan(Date.now());
  }

  it('goes on while a worker that does not know the task has one of them', async () => {
    const before = await deploy(store.engine(), { a: HOURLY });
    await before.close();
    const dueMs = await postdate(2);
    // Its lease is over, but only a process that starts looks.
    await deploy(store.engine({ application: 'other' }), { b: HOURLY });
    for (;;) {
      const rows = await live('a');
      if (rows.length === 2 && rows[0]?.state === 'retry') {
        expect(rows[0].due).toBe(dueMs);
        expect(rows[1]?.state).toBe('created');
        expect(rows[1]?.due).toBeGreaterThan(Date.now());
        return;
      }
      await pause();
    }
  });

  it('lets one that has failed be retried while the next one waits', async () => {
    const before = await deploy(store.engine(), { a: HOURLY });
    await before.close();
    const dueMs = await postdate(2);
    let runs = 0;
    const again = deferred();
    const app = await deploy(store.engine(), { a: HOURLY }, () => {
      expect(currentTask().scheduledFor?.getTime()).toBe(dueMs);
      if ((runs += 1) === 1) throw new Error('once');
      again.resolve();
    });
    while ((await app.stored.counts()).failed === 0) await pause();
    expect(await app.stored.retry({ name: 'a', status: 'failed' })).toBe(1);
    await again.promise;
    expect((await live('a')).map(({ state }) => state)).toContain('created');
  });

  it('keeps one that is due in years: it neither expires nor is deleted', async () => {
    await deploy(store.engine(), { a: { cron: '0 0 29 2 *' } });
    const [row] = await store.query(
      `SELECT keep_until > start_after + interval '50 years' AS is_kept, expire_seconds > 1e9 AS is_endless,
         start_after > now() AS is_later FROM $job WHERE name = $1`,
    );
    expect(row).toEqual({ is_kept: true, is_endless: true, is_later: true });
  });

  it('survives names and zones as they come', async () => {
    const name = 'a\0b\ud800 "c"';
    const app = await deploy(store.engine({ application: 'x\0\ud800' }), {
      [name]: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', missed: 'skip' },
    });
    expect(await app.changed()).toHaveLength(1);
    const again = await deploy(store.engine({ application: 'x\0\ud800' }), {
      [name]: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', missed: 'skip' },
    });
    expect(again.changes()).toEqual([]);
    expect(await again.stored.schedules()).toEqual([
      expect.objectContaining({
        cron: '0 3 * * *',
        timeZone: 'Europe/Berlin',
        missed: 'skip',
      }),
    ]);
  });
});
