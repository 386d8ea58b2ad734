import type { TaskJob } from '../durable/durable-engine.js';
import { NO_QUEUE, NO_TRANSACTION } from './insert-statement.js';
import { dataOf, idOf, keyOf, orderOf } from './job-row.js';
import { StoreError } from './store-error.js';

export const NOT_OPEN =
  'the connection is not in a transaction (any more). Await the task before the transaction ends';

/** Jobs as the parameter of the insert statement. */
export function listOf(jobs: readonly TaskJob[]): string {
  return JSON.stringify(
    jobs.map((job) => ({
      id: idOf(job),
      key: keyOf(job),
      data: dataOf(job),
      ...orderOf(job),
    })),
  );
}

/**
 * The ids of jobs in the store, from the rows that the insert statement has returned.
 *
 * @throws StoreError when these say that nothing was stored
 */
export function idsOf(
  jobs: readonly TaskJob[],
  stored: readonly { id: string; key: string | null }[],
): string[] {
  const ids = new Map(stored.map(({ id, key }) => [key, id]));
  const reasons = new Set(stored.map(({ id }) => id));
  if (reasons.has(NO_TRANSACTION)) throw new StoreError(NOT_OPEN);
  if (reasons.has(NO_QUEUE)) {
    throw new StoreError(
      'its queue does not exist yet. The engine creates it when the application starts and the database can be reached',
    );
  }
  return jobs.map((job) => {
    const key = keyOf(job);
    // Of a job that is being stored concurrently, the only id known is the one of its key.
    return key === undefined ? idOf(job) : (ids.get(key) ?? key);
  });
}
