import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromPglite, pgBossEngine } from 'nestjs-tasks/pg-boss';
import { engineConformance } from 'nestjs-tasks/testing';
import {
  describeWithoutPgBoss,
  describeWithPgBoss,
} from './support/pg-boss-node.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

describeWithPostgres('the engine over pg-boss and PostgreSQL', () => {
  const space = new PostgresSpace();
  // Queues in one schema: pg-boss takes as long for its tables as a case does.
  const schema = space.schema();
  let queues = 0;
  afterAll(() => space.close());

  describe('with connections of its own', () => {
    const cases = engineConformance({
      create: (concurrency) =>
        pgBossEngine({
          enqueueTimeout: '30s',
          connectionString: POSTGRES_URL,
          schema,
          queue: `case_${(queues += 1)}`,
          worker: { concurrency },
        }),
    });
    it.each(cases)('$name', ({ run }) => run());
  });

  describe('with the pool of the application', () => {
    const cases = engineConformance({
      create: (concurrency) =>
        pgBossEngine({
          enqueueTimeout: '30s',
          pool: space.pool,
          schema,
          queue: `case_${(queues += 1)}`,
          worker: { concurrency },
        }),
    });
    it.each(cases)('$name', ({ run }) => run());

    it('leaves it open', async () => {
      expect(await space.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });
});

describeWithPgBoss('the engine over pg-boss and PGlite', () => {
  let pglite: PGlite;
  beforeAll(async () => void (pglite = await PGlite.create()));
  afterAll(() => pglite.close());

  let queues = 0;
  const cases = engineConformance({
    create: (concurrency) =>
      pgBossEngine({
        enqueueTimeout: '30s',
        db: fromPglite(pglite),
        queue: `case_${(queues += 1)}`,
        worker: { concurrency },
      }),
  });
  it.each(cases)('$name', ({ run }) => run(), 20_000);
});

describeWithoutPgBoss('pgBossEngine() on an older Node.js', () => {
  it('says which one it needs', () => {
    expect(() => pgBossEngine({ connectionString: POSTGRES_URL })).toThrow(
      expect.objectContaining({
        name: 'TaskError',
        message: expect.stringContaining(
          `cannot be used with Node.js ${process.versions.node}: pg-boss 12 needs Node.js 22.12`,
        ) as unknown,
      }),
    );
  });
});

describe('the options of pgBossEngine()', () => {
  it.each([
    [{}, /needs exactly one of `connectionString`, `pool` and `db`.*none/],
    [
      { connectionString: 'postgres://x', pool: { query() {} } },
      /needs exactly one of .*several/,
    ],
    [{ connectionString: '' }, /`connectionString` must be/],
    [{ pool: {} }, /`pool` must be a Pool of pg/],
    [{ db: {} }, /`db` must be a database/],
    [{ schema: 'a b' }, /`schema` must be a name/],
    [{ schema: '"quoted"' }, /`schema` must be a name/],
    [{ queue: "it's" }, /`queue` must be a name/],
    [
      { maxConnections: 1 },
      /`maxConnections` must be a whole number of at least 2/,
    ],
    [{ worker: true }, /The options of `worker` must be an object/],
    [{ worker: { concurrency: 0 } }, /`worker.concurrency` must be/],
    [{ worker: { threads: 2 } }, /have no `threads`/],
    [
      { worker: { lostAfter: '500ms' } },
      /`worker.lostAfter` must be a duration/,
    ],
    [{ worker: { maxLost: -1 } }, /`worker.maxLost` must be/],
    [{ worker: { pollInterval: 'soon' } }, /`worker.pollInterval` must be/],
    [{ keepFinished: -1 }, /`keepFinished` must be/],
    [{ enqueueTimeout: 'x' }, /`enqueueTimeout` must be/],
    [{ connection: {} }, /have no `connection`/],
  ])('are checked: %j', (options, message) => {
    expect(() => pgBossEngine(options as never)).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringMatching(message) as unknown,
      }),
    );
  });
});
