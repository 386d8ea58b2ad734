import type { PgBoss } from 'pg-boss';
import type { TaskJob } from '../engine/durable-engine.js';
import { PgliteDatabase } from './from-pglite.js';
import { idOf, isUuid, keyOf, rowOf, type JobData } from './job-row.js';
import type { JobStatements } from './job-statements.js';
import { rowsOf, type PgBossDatabase } from './pg-boss-database.js';

/** One attempt at a job: pg-boss counts them from 0. */
export interface Attempt {
  readonly id: string;
  readonly count: number;
}

/** How an attempt has ended. */
export interface EndedAttempt extends Attempt {
  readonly state: 'completed' | 'failed' | 'retry';
  /** The pause before the next one. */
  readonly ms?: number;
  /** Whether it does not count. */
  readonly isReturned?: true;
  readonly output?: object;
}

interface StoredRow {
  readonly id: string;
  readonly key?: string | null;
}

/** Stores jobs by one statement in a transaction of the caller. */
export function storeInTransaction(
  transaction: PgBossDatabase,
  statements: JobStatements,
  jobs: readonly TaskJob[],
): Promise<readonly string[]> {
  // The clock of PGlite may stand still since the transaction has begun.
  const mustBeChecked = !(transaction instanceof PgliteDatabase);
  // Nothing is awaited before the statement is issued: the caller's COMMIT may be the next one.
  return storeJobs(jobs, (list, hasKeys) =>
    rowsOf(
      transaction,
      statements.insertInTransaction(hasKeys, list, mustBeChecked),
    ),
  );
}

async function storeJobs(
  jobs: readonly TaskJob[],
  store: (list: string, hasKeys: boolean) => Promise<StoredRow[]>,
): Promise<readonly string[]> {
  const keys = jobs.map(keyOf);
  const hasKeys = keys.some((key) => key !== undefined);
  const rows = jobs.map((job, index) => rowOf(job, keys[index]));
  const stored = await store(`[${rows.join(',')}]`, hasKeys);
  const ids = new Map(stored.map(({ id, key }) => [key, id]));
  return jobs.map((job, index) => {
    const key = keys[index];
    // Of a key that another one stores in this moment nothing is known but its first id.
    return key === undefined ? idOf(job) : (ids.get(key) ?? key);
  });
}

/** The jobs of one queue, as a worker sees them. */
export class JobStore {
  readonly #boss: PgBoss;
  readonly #queue: string;
  readonly #statements: JobStatements;

  constructor(boss: PgBoss, queue: string, statements: JobStatements) {
    this.#boss = boss;
    this.#queue = queue;
    this.#statements = statements;
  }

  store(jobs: readonly TaskJob[]): Promise<readonly string[]> {
    return storeJobs(jobs, (list, hasKeys) =>
      rowsOf(this.#db, this.#statements.insert(hasKeys), [list]),
    );
  }

  async cancel(jobId: string): Promise<boolean> {
    if (!isUuid(jobId)) return false;
    const rows = await rowsOf(this.#db, this.#statements.cancel(), [jobId]);
    return rows.length > 0;
  }

  async take(most: number): Promise<(Attempt & { data: JobData })[]> {
    const jobs = await this.#boss.fetch<JobData>(this.#queue, {
      batchSize: most,
    });
    return jobs.map(({ id, retryCount, data }) => ({
      id,
      count: retryCount,
      data,
    }));
  }

  async settle(ended: readonly EndedAttempt[]): Promise<void> {
    const wakesOthers = ended.some(({ isReturned }) => isReturned);
    await this.#db.executeSql(this.#statements.settle(wakesOthers), [
      JSON.stringify(ended),
    ]);
  }

  /** Says that attempts go on; gives the time of the server. */
  async touch(attempts: readonly Attempt[]): Promise<string> {
    const [row] = await rowsOf<{ now: string }>(
      this.#db,
      this.#statements.touch(),
      [JSON.stringify(attempts)],
    );
    return row?.now ?? '';
  }

  /** Puts jobs back whose worker was lost, as of that time, or gives them up. */
  recover(
    now: string,
    lostAfterMs: number,
    maxLost: number,
  ): Promise<{ id: string; state: 'retry' | 'failed' }[]> {
    return rowsOf(this.#db, this.#statements.recover(), [
      now,
      lostAfterMs,
      maxLost,
    ]);
  }

  /** Has `wake` called when there may be jobs; undefined where there are no notifications. */
  async listen(
    wake: () => void,
  ): Promise<{ close(): Promise<void> } | undefined> {
    return this.#db.listen?.(this.#statements.channel, wake, wake);
  }

  get #db(): PgBossDatabase {
    return this.#boss.getDb();
  }
}
