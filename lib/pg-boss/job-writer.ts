import type { Deadline } from '../core/base/deadline.js';
import type { TaskJob } from '../durable/durable-engine.js';
import { idsOf, listOf } from './job-list.js';
import { idOf, insertOf, keyOf } from './job-row.js';
import type { JobStatements } from './job-statements.js';
import { KeyTurns } from './key-turns.js';
import type { OpenBoss } from './open-boss.js';
import { rowsOf } from './pg-boss-database.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import { NOT_SENT, StoreError, storeError } from './store-error.js';

/** What one statement stores at most: so many jobs, with arguments of so many characters. */
const BATCH = { jobs: 500, characters: 1_000_000 };
/** How many statements of one call are pending at a time. */
const LANES = 4;

type Result = string | Error;

/** Stores the jobs of one queue, so that none shares the fate of another one. */
export class JobWriter {
  readonly #settings: PgBossSettings;
  readonly #statements: JobStatements;
  readonly #turns = new KeyTurns();

  constructor(settings: PgBossSettings, statements: JobStatements) {
    this.#settings = settings;
    this.#statements = statements;
  }

  /** The id of each job, or why it is not, or may not be, stored. */
  async write(
    open: OpenBoss,
    jobs: readonly TaskJob[],
    deadline: Deadline,
  ): Promise<Result[]> {
    const results = new Map<TaskJob, Result>();
    const writing = [...byKeyOf(jobs)].map(([key, group]) =>
      key === undefined
        ? this.#writeBatches(open, group, deadline, results)
        : this.#turns.take(key, () =>
            this.#writeKeyed(open, group, deadline, results),
          ),
    );
    await (writing.length === 1 ? writing[0] : Promise.all(writing));
    return jobs.map((job) => results.get(job) ?? idOf(job));
  }

  /** Several batches at once, as large ones take their time. */
  async #writeBatches(
    open: OpenBoss,
    jobs: readonly TaskJob[],
    deadline: Deadline,
    results: Map<TaskJob, Result>,
  ): Promise<void> {
    const batches = batchesOf(jobs);
    const [first] = batches;
    if (first && batches.length === 1) {
      return this.#writeBatch(open, first, deadline, results);
    }
    const next = batches.values();
    const writeOn = async () => {
      for (const batch of next) {
        await this.#writeBatch(open, batch, deadline, results);
      }
    };
    const lanes = Math.min(LANES, batches.length);
    await Promise.all(Array.from({ length: lanes }, writeOn));
  }

  async #writeBatch(
    open: OpenBoss,
    batch: readonly TaskJob[],
    deadline: Deadline,
    results: Map<TaskJob, Result>,
  ): Promise<void> {
    try {
      this.#mustBeInTime(deadline, 0.25);
      await this.#insert(open, batch);
    } catch (thrown) {
      const error = storeError(thrown);
      if (error.isRefusal && batch.length > 1) {
        await this.#writeEach(open, batch, results);
      } else {
        for (const job of batch) results.set(job, error);
      }
    }
  }

  /** Of a batch that the server has refused because of some of its jobs. */
  async #writeEach(
    open: OpenBoss,
    jobs: readonly TaskJob[],
    results: Map<TaskJob, Result>,
  ): Promise<void> {
    for (const job of jobs) {
      await this.#insert(open, [job]).catch((thrown: unknown) =>
        results.set(job, storeError(thrown)),
      );
    }
  }

  async #insert(open: OpenBoss, jobs: readonly TaskJob[]): Promise<void> {
    const { queue, keptS } = this.#settings;
    const { boss, limited: db } = open;
    await boss.insert(
      queue,
      jobs.map((job) => insertOf(job, keptS)),
      db && { db },
    );
  }

  async #writeKeyed(
    { boss, limited }: OpenBoss,
    jobs: readonly TaskJob[],
    deadline: Deadline,
    results: Map<TaskJob, Result>,
  ): Promise<void> {
    try {
      // As long as it may wait for the key.
      this.#mustBeInTime(deadline, 0.5);
      const stored = await rowsOf<{ id: string; key: string }>(
        limited ?? boss.getDb(),
        this.#statements.insert,
        [listOf(jobs), this.#settings.queue, null],
      );
      const ids = idsOf(jobs, stored);
      jobs.forEach((job, index) => results.set(job, ids[index] ?? idOf(job)));
    } catch (thrown) {
      const error = storeError(thrown);
      for (const job of jobs) results.set(job, error);
    }
  }

  /**
   * @param part of the time that the statement may take
   * @throws StoreError when it may not be answered before the caller gives up: then what
   * is stored already would be given up as well
   */
  #mustBeInTime(deadline: Deadline, part: number): void {
    if (deadline.leftMs > this.#settings.enqueueTimeoutMs * part) return;
    throw new StoreError(
      'its turn to be stored did not come in time',
      NOT_SENT,
    );
  }
}

function byKeyOf(jobs: readonly TaskJob[]): Map<string | undefined, TaskJob[]> {
  const byKey = new Map<string | undefined, TaskJob[]>();
  for (const job of jobs) {
    const key = keyOf(job);
    const group = byKey.get(key);
    if (group) group.push(job);
    else byKey.set(key, [job]);
  }
  return byKey;
}

function batchesOf(jobs: readonly TaskJob[]): readonly (readonly TaskJob[])[] {
  const batches: TaskJob[][] = [];
  let characters = Infinity;
  for (const job of jobs) {
    const batch = batches.at(-1);
    characters += job.args.length;
    if (batch && batch.length < BATCH.jobs && characters <= BATCH.characters) {
      batch.push(job);
    } else {
      batches.push([job]);
      characters = job.args.length;
    }
  }
  return batches;
}
