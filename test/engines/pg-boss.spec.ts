import { afterAll, it } from '@jest/globals';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { engineConformance } from 'nestjs-tasks/testing';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './support/postgres.js';

describeWithPostgres('the engine over pg-boss and PostgreSQL', () => {
  const space = new PostgresSpace();
  afterAll(() => space.close());

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
