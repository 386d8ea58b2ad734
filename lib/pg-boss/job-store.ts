import { TaskLostError } from '../core/base/durable-errors.js';
import { TaskError } from '../core/base/task-error.js';
import { Deadline } from '../core/base/deadline.js';
import type { TaskJob } from '../durable/durable-engine.js';
import {
  endOf,
  type Attempt,
  type AttemptEnd,
  type EndedAttempt,
  type TakenJob,
} from './attempt-end.js';
import { countsIn, outputOf } from './job-output.js';
import { isUuid } from '../engine-kit/uuid.js';
import type { JobStatements } from './job-statements.js';
import type { JobWriter } from './job-writer.js';
import type { OpenBoss } from './open-boss.js';
import { pauseMarkOf } from './queue-marks.js';
import { rowsOf } from './pg-boss-database.js';
import type { PgBossSettings, WorkerSettings } from './pg-boss-settings.js';
import type { QueueCreation } from './queue-creation.js';
import { notAnswered } from './store-error.js';

const UUIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What became of the jobs of lost workers. */
export interface Recovered {
  /** When the server answered, in seconds since 1970. */
  readonly atS: number;
  /** How many run again. */
  readonly again: number;
  /** The ids of those that were lost too often. */
  readonly givenUp: readonly string[];
  /** Whether `StoredTasks.pause()` is in force. */
  readonly isPaused: boolean;
}

type RecoveredRow = Record<'now' | 'again' | 'givenUp' | 'paused', string>;

/** Puts jobs into one queue and removes them; takes and settles them for the worker. */
export class JobStore {
  readonly #open: OpenBoss;
  readonly #settings: PgBossSettings;
  readonly #statements: JobStatements;
  readonly #writer: JobWriter;
  readonly #creation: QueueCreation;

  /** @param settings with the name of this queue */
  constructor(
    open: OpenBoss,
    settings: PgBossSettings,
    statements: JobStatements,
    writer: JobWriter,
    creation: QueueCreation,
  ) {
    this.#open = open;
    this.#settings = settings;
    this.#statements = statements;
    this.#writer = writer;
    this.#creation = creation;
  }

  async add(jobs: readonly TaskJob[]): Promise<(string | Error)[]> {
    const { enqueueTimeoutMs } = this.#settings;
    const deadline = new Deadline(enqueueTimeoutMs);
    if (!this.#creation.has(this.#queue)) {
      await deadline.valueOf(
        this.#creation.ensure(this.#open, this.#queue),
        () => notAnswered(enqueueTimeoutMs),
      );
    }
    return this.#writer.write(this.#open, jobs, deadline);
  }

  async cancel(jobId: string): Promise<boolean> {
    if (!isUuid(jobId)) return false;
    const rows = await this.#rows(this.#statements.remove, [jobId]);
    return rows.length > 0;
  }

  async take(most: number): Promise<TakenJob[]> {
    await this.#creation.ensure(this.#open, this.#queue);
    const jobs = await this.#open.boss.fetch<unknown>(this.#queue, {
      batchSize: most,
      includeMetadata: true,
    });
    return jobs.map(({ id, retryCount, data, output }) => ({
      id,
      retryCount,
      data,
      counts: countsIn(output),
    }));
  }

  /** Records how attempts have ended; those that are no longer this worker's are ignored. */
  async settle(ended: readonly EndedAttempt[]): Promise<void> {
    const { boss } = this.#open;
    const ends = ended.map((attempt) =>
      endOf(attempt, this.#settings.unknownForMs),
    );
    const done = ends.filter(({ isDone, output }) => isDone && !output);
    if (done.length > 0) await boss.complete(this.#queue, done.map(attemptOf));
    for (const end of ends) {
      if (end.isDone && end.output) await this.#complete(end, end.output);
    }
    const cancelled = ends.filter(({ isCancelled }) => isCancelled);
    if (cancelled.length > 0) {
      await boss.cancel(this.#queue, cancelled.map(attemptOf));
    }
    const others = ends.filter(
      ({ isDone, isCancelled }) => !isDone && !isCancelled,
    );
    if (others.length === 0) return;
    await this.#rows(this.#statements.postpone, [
      JSON.stringify(
        others.map(({ id, retryCount: count, ...end }) => ({
          id,
          count,
          ...end,
        })),
      ),
    ]);
    for (const end of others) {
      if (end.ms !== undefined) continue;
      // It decides about a dead letter, and about the queue for it.
      await boss.fail(this.#queue, attemptOf(end), end.output);
    }
  }

  /**
   * Writes heartbeats for attempts.
   *
   * @returns the ids of those that are no longer this worker's
   */
  async touch(attempts: readonly Attempt[]): Promise<readonly string[]> {
    const { boss, life: db } = this.#open;
    const { settled } = (await boss.touch(
      this.#queue,
      attempts.map(attemptOf),
      { db },
    )) as { settled?: unknown };
    // As a list, or as text where an application has changed how lists are parsed.
    const alive = new Set(String(settled).match(UUIDS));
    return attempts.map(({ id }) => id).filter((id) => !alive.has(id));
  }

  /** Why a job is no longer this worker's, for its signal. */
  async lossOf(id: string): Promise<Error> {
    const { boss, life: db } = this.#open;
    const [job] = await boss.findJobs(this.#queue, { id, db });
    return reasonOf(job?.state);
  }

  /** Puts jobs back, or fails them, whose workers were lost. */
  async recover(
    { lostAfterMs, maxLost }: WorkerSettings,
    sinceS: number,
  ): Promise<Recovered> {
    const { boss, life: db } = this.#open;
    const mark = pauseMarkOf(this.#queue);
    const [row] = await rowsOf<RecoveredRow>(db, this.#statements.recover, [
      this.#queue,
      lostAfterMs,
      maxLost,
      sinceS,
      mark,
    ]);
    const givenUp = (row?.givenUp ?? '').split(',').filter(Boolean);
    const attempts = givenUp.map((text) => {
      const [id = '', count] = text.split(' ');
      return { id, retryCount: Number(count) };
    });
    for (const attempt of attempts) {
      await boss.fail(this.#queue, attempt, outputOf(LOST), { db });
    }
    return {
      atS: Number(row?.now),
      again: Number(row?.again),
      givenUp: attempts.map(({ id }) => id),
      isPaused: row?.paused === 'true',
    };
  }

  /** Whether `StoredTasks.pause()` is in force. */
  async isPaused(): Promise<boolean> {
    const { life: db } = this.#open;
    const mark = pauseMarkOf(this.#queue);
    const rows = await rowsOf(db, this.#statements.exists, [mark]);
    return rows.length > 0;
  }

  /** Stores how far a running job is. */
  async progress({ id, retryCount }: Attempt, payload: string): Promise<void> {
    const { life: db } = this.#open;
    const values = [this.#queue, id, retryCount, payload];
    await db.executeSql(this.#statements.progress, values);
  }

  async #complete(end: AttemptEnd, output: object): Promise<void> {
    const { boss } = this.#open;
    await boss.complete(this.#queue, attemptOf(end), output);
    if (end.keepMs === undefined) return;
    await this.#rows(this.#statements.keep, [end.id, end.keepMs]);
  }

  #rows(statement: string, values: readonly unknown[]): Promise<unknown[]> {
    return rowsOf(this.#open.boss.getDb(), statement, [this.#queue, ...values]);
  }

  get #queue(): string {
    return this.#settings.queue;
  }
}

const LOST = Object.assign(new Error('Its worker was lost while it ran.'), {
  name: 'WorkerLost',
});

function attemptOf({ id, retryCount }: Attempt): Attempt {
  return { id, retryCount };
}

function reasonOf(state: string | undefined): Error {
  return state === undefined || state === 'cancelled'
    ? new TaskError('TASK_CANCELLED', 'It was cancelled in the store.')
    : new TaskLostError(
        'its heartbeats have not come in time, and another worker may have it',
      );
}
