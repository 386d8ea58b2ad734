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
  afterAll(() => space.close());

  describe('with connections of its own', () => {
    const cases = engineConformance({
      create: (concurrency) =>
        pgBossEngine({
          connectionString: POSTGRES_URL,
          schema: space.schema(),
          worker: { concurrency },
        }),
    });
    it.each(cases)('$name', ({ run }) => run());
  });

  describe('with the pool of the application', () => {
    const cases = engineConformance({
      create: (concurrency) =>
        pgBossEngine({
          pool: space.pool,
          schema: space.schema(),
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

  let schemas = 0;
  const cases = engineConformance({
    create: (concurrency) =>
      pgBossEngine({
        db: fromPglite(pglite),
        schema: `test_${(schemas += 1)}`,
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
    [{}, /needs one of `connectionString`, `pool` and `db`.*none/],
    [
      { connectionString: 'postgres://x', pool: { query() {} } },
      /needs one of .*several/,
    ],
    [{ connectionString: '' }, /`connectionString` must be/],
    [{ pool: {} }, /`pool` must be a Pool of pg/],
    [{ db: {} }, /`db` must be a database/],
    [{ schema: 'a b' }, /`schema` must be a name/],
    [{ schema: '"quoted"' }, /`schema` must be a name/],
    [{ queue: "it's" }, /`queue` must be a name/],
    [{ maxConnections: 1 }, /`maxConnections` must be a whole number from 2/],
    [{ worker: true }, /The options of `worker` must be an object/],
    [{ worker: { concurrency: 0 } }, /`concurrency` must be/],
    [{ worker: { threads: 2 } }, /have no `threads`/],
    [{ worker: { lostAfter: '500ms' } }, /`lostAfter` must be a second/],
    [{ worker: { maxLost: -1 } }, /`maxLost` must be/],
    [{ worker: { pollInterval: 'soon' } }, /`pollInterval` must be/],
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
