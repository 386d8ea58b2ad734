import { systemClock } from '../core/clock.js';
import { toMilliseconds } from '../core/duration.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
} from '../engine/durable-engine.js';
import { BossConnection } from './boss-connection.js';
import { JobStatements } from './job-statements.js';
import { JobStore, storeInTransaction } from './job-store.js';
import { JobWorker } from './job-worker.js';
import { Outage } from './outage.js';
import type { PgBossDatabase } from './pg-boss-database.js';
import type { PgBossEngineOptions } from './pg-boss-engine.js';

/** How long a start waits for the database before it goes on trying in the background. */
const START_MS = 3_000;

/** A queue of pg-boss. */
export class PgBossEngine implements DurableEngine {
  readonly name = 'pg-boss';
  readonly codec: ArgumentCodec;
  readonly enqueueTimeout: DurableEngine['enqueueTimeout'];
  readonly fallback: DurableEngine['fallback'];
  readonly #options: PgBossEngineOptions;
  readonly #queue: string;
  readonly #statements: JobStatements;
  readonly #outage = new Outage();
  readonly #connection: BossConnection;
  #worker: JobWorker | undefined;
  #isPaused = false;
  #stopping: Promise<void> | undefined;

  constructor(codec: ArgumentCodec, options: PgBossEngineOptions) {
    const {
      schema = 'pgboss',
      queue = 'nestjs-tasks',
      keepFinished = '7d',
      enqueueTimeout,
      fallback,
    } = options;
    this.codec = codec;
    this.enqueueTimeout = enqueueTimeout;
    this.fallback = fallback;
    this.#options = options;
    this.#queue = queue;
    const keptMs = toMilliseconds(keepFinished, 'keepFinished');
    this.#statements = new JobStatements(
      schema,
      queue,
      // To pg-boss, 0 is for ever.
      Math.max(1, Math.ceil(keptMs / 1_000)),
    );
    this.#connection = new BossConnection(options, schema, queue, this.#outage);
  }

  async start(host: EngineHost): Promise<void> {
    this.#outage.log = host.log;
    const ready = this.#connection.whenReady().then((boss) => {
      const { worker } = this.#options;
      if (worker === false || this.#isPaused) return;
      const store = new JobStore(boss, this.#queue, this.#statements);
      this.#worker = new JobWorker(store, host, this.#outage, worker ?? {});
      this.#worker.start();
    });
    await within(START_MS, ready);
  }

  enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly string[]> {
    if (jobs.length === 0) return Promise.resolve([]);
    return transaction === undefined
      ? this.#store(jobs)
      : this.#storeIn(transaction, jobs);
  }

  async cancel(jobId: string): Promise<boolean> {
    return (await this.#connectedStore()).cancel(jobId);
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    this.#worker?.pause();
  }

  stop(withinMs: number): Promise<void> {
    this.#isPaused = true;
    return (this.#stopping ??= this.#stop(withinMs));
  }

  async #stop(withinMs: number): Promise<void> {
    const startMs = systemClock.now();
    await this.#worker?.stop(withinMs);
    const leftMs = withinMs - (systemClock.now() - startMs);
    await within(Math.max(leftMs, 100), this.#connection.stop());
  }

  async #store(jobs: readonly TaskJob[]): Promise<readonly string[]> {
    const store = await this.#connectedStore();
    try {
      const ids = await store.store(jobs);
      this.#outage.end();
      this.#worker?.wake();
      return ids;
    } catch (error) {
      this.#outage.begin(error);
      throw error;
    }
  }

  async #storeIn(
    transaction: unknown,
    jobs: readonly TaskJob[],
  ): Promise<readonly string[]> {
    const { executeSql } = Object(transaction) as Partial<PgBossDatabase>;
    if (typeof executeSql !== 'function') {
      throw new TaskInvalidOptionError(
        '`transaction` must be made by fromPg(), fromPglite() or another adapter of nestjs-tasks/pg-boss, or of pg-boss.',
      );
    }
    return storeInTransaction(
      transaction as PgBossDatabase,
      this.#statements,
      jobs,
    );
  }

  /** Rejects when it cannot be had in time: what waits for it must not be stored late. */
  async #connectedStore(): Promise<JobStore> {
    const timeout = this.enqueueTimeout ?? '2s';
    const boss = await inTime(
      toMilliseconds(timeout, 'enqueueTimeout'),
      this.#connection.ready(),
    );
    return new JobStore(boss, this.#queue, this.#statements);
  }
}

/** Rejects when the work takes longer. */
async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  let stopTimer: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    stopTimer = systemClock.after(ms, () =>
      reject(new Error(`the database has not answered within ${ms} ms`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stopTimer?.();
  }
}

/** Resolves when the work is done or has failed, or when the time is up. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await inTime(ms, work).catch(() => {});
}
