import { randomUUID } from 'node:crypto';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import type { TaskJob } from '../durable/durable-engine.js';
import { idsOf, listOf, NOT_OPEN } from './job-list.js';
import type { JobStatements } from './job-statements.js';
import { rowsOf, type PgBossDatabase } from './pg-boss-database.js';
import { PgTransaction } from './pg-transaction.js';
import { StoreError, storeError } from './store-error.js';

/**
 * Stores jobs in a transaction of the caller. The statements are issued before this
 * returns, as the caller may send `COMMIT` next. Outside a transaction they store nothing,
 * as that could not be undone.
 */
export async function storeInTransaction(
  transaction: unknown,
  queue: string,
  statements: JobStatements,
  jobs: readonly TaskJob[],
): Promise<readonly string[]> {
  const database = databaseOf(transaction);
  const isOpen =
    database instanceof PgTransaction ? database.isOpen : undefined;
  if (isOpen === false) throw new StoreError(NOT_OPEN);
  const mark = isOpen ? null : randomUUID();
  try {
    const marking =
      mark === null ? undefined : database.executeSql(statements.mark, [mark]);
    // The statement after it fails as well, and says why.
    marking?.catch(() => {});
    const stored = await rowsOf<{ id: string; key: string | null }>(
      database,
      statements.insert,
      [listOf(jobs), queue, mark],
    );
    return idsOf(jobs, stored);
  } catch (thrown) {
    throw storeError(thrown);
  }
}

function databaseOf(transaction: unknown): PgBossDatabase {
  const { executeSql } = Object(transaction) as Partial<PgBossDatabase>;
  if (typeof executeSql === 'function') return transaction as PgBossDatabase;
  throw new TaskInvalidOptionError(
    '`transaction` must be made by fromPg(), fromPglite() or another adapter of nestjs-tasks/pg-boss, or of pg-boss.',
  );
}
