import { systemClock } from '../core/base/clock.js';
import { Deadline } from '../core/base/deadline.js';
import { TaskError } from '../core/base/task-error.js';
import type { EngineFeature } from '../core/running/durable-task.js';
import { AnswerWatch } from '../engine-kit/answer-watch.js';
import { engineCodec } from '../engine-kit/argument-codec.js';
import { STOPPED } from '../engine-kit/engine-options.js';
import { QueuePlan } from '../engine-kit/queues.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
} from '../durable/durable-engine.js';
import type { StoredJobs } from '../durable/stored-jobs.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import { BossConnection } from './boss-connection.js';
import { JobQueues } from './job-queues.js';
import type { OpenBoss } from './open-boss.js';
import { Outage } from './outage.js';
import {
  checkPgBossOptions,
  type PgBossEngineOptions,
} from './pg-boss-options.js';
import { pgBossSettings, type PgBossSettings } from './pg-boss-settings.js';
import { QueueCreation } from './queue-creation.js';
import { mustBeNoMark } from './queue-marks.js';
import { notAnswered, StoreError, storeError } from './store-error.js';
import { StoredInPostgres } from './stored-in-postgres.js';

/** How long the start of the application waits for the database. */
const START_MS = 3_000;

/**
 * Stores durable tasks in PostgreSQL with pg-boss, and runs them in the processes that
 * have a `worker`, each job in one of them. A task can be stored by the transaction that
 * stores what it is about (see `fromPg()` and the other adapters).
 *
 * @throws TaskInvalidOptionError for options that cannot be used
 * @throws TaskError on a Node.js that is older than pg-boss 12 needs
 *
 * @example
 * ```ts
 * TasksModule.forRoot({
 *   engine: pgBossEngine({
 *     connectionString: process.env.DATABASE_URL,
 *     worker: { concurrency: 20 },
 *   }),
 * });
 * ```
 *
 * @publicApi
 */
export function pgBossEngine(options: PgBossEngineOptions): DurableEngine {
  checkPgBossOptions(options);
  checkNodeVersion(process.versions.node);
  return new PostgresEngine(options);
}

function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw new TaskError(
    'TASK_INVALID_OPTION',
    `pgBossEngine() cannot be used with Node.js ${version}: pg-boss 12 needs Node.js 22.12 or later. ` +
      'Update Node.js, or use another engine.',
  );
}

class PostgresEngine implements DurableEngine {
  readonly name = 'pg-boss';
  readonly features: readonly EngineFeature[] = [
    'delay',
    'priority',
    'queues',
    'repeat',
    'repeatSeconds',
    'keepResult',
  ];
  readonly codec: ArgumentCodec;
  readonly enqueueTimeout: DurableEngine['enqueueTimeout'];
  readonly fallback: DurableEngine['fallback'];
  readonly #options: PgBossEngineOptions;
  readonly #settings: PgBossSettings;
  readonly #outage = new Outage();
  readonly #connection: BossConnection;
  readonly #answers: AnswerWatch;
  readonly #plan: QueuePlan;
  readonly #queues: JobQueues;
  readonly stored: StoredJobs;
  #stopping: Promise<void> | undefined;

  constructor(options: PgBossEngineOptions) {
    this.codec = engineCodec(options);
    this.enqueueTimeout = options.enqueueTimeout;
    this.fallback = options.fallback;
    this.#options = options;
    this.#settings = pgBossSettings(options);
    const creation = new QueueCreation(this.#settings);
    const { enqueueTimeoutMs } = this.#settings;
    this.#answers = new AnswerWatch(systemClock, enqueueTimeoutMs);
    this.#connection = new BossConnection(
      this.#settings,
      this.#outage,
      creation,
    );
    this.#plan = new QueuePlan(this.#settings.worker);
    this.#queues = new JobQueues(
      this.#settings,
      this.#plan,
      creation,
      this.#outage,
    );
    this.stored = new StoredInPostgres(
      {
        connected: () => this.#connected(),
        queues: () => this.#queues.names(),
        announce: (open, what, queue) =>
          this.#queues.announce(open, what, queue),
      },
      this.#settings,
    );
  }

  open(): DurableEngine {
    return new PostgresEngine(this.#options);
  }

  async start(host: EngineHost): Promise<void> {
    this.#outage.log = host.log;
    this.#plan.start(host);
    for (const queue of this.#plan.known) mustBeNoMark(queue);
    const ready = this.#connection
      .whenReady()
      .then((open) => this.#queues.start(open, host));
    const failure = this.#connection.failure();
    try {
      await new Deadline(START_MS).meets(Promise.race([ready, failure]));
    } catch (error) {
      void this.stop(0);
      throw error;
    }
    // From now on the database may be created while the engine waits.
    this.#connection.forgiveFailures();
  }

  knowsQueue(queue: string): boolean {
    return this.#plan.knows(queue);
  }

  enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly (string | Error)[]> {
    if (jobs.length === 0) return Promise.resolve([]);
    return transaction === undefined
      ? this.#add(jobs)
      : this.#queues.addIn(transaction, jobs);
  }

  async cancel(jobId: string): Promise<boolean> {
    const open = await this.#connected();
    try {
      return await this.#queues.cancel(open, jobId);
    } catch (error) {
      throw storeError(error);
    }
  }

  schedules(): Promise<readonly StoredSchedule[]> {
    return this.stored.schedules();
  }

  async pause(): Promise<void> {
    this.#queues.pause();
  }

  stop(withinMs: number): Promise<void> {
    this.#queues.pause();
    return (this.#stopping ??= this.#stop(withinMs));
  }

  async #stop(withinMs: number): Promise<void> {
    const startMs = systemClock.now();
    this.#answers.stop();
    await this.#queues.close(withinMs);
    const leftMs = withinMs - (systemClock.now() - startMs);
    await settledWithin(Math.max(leftMs, 100), this.#connection.close());
  }

  async #add(jobs: readonly TaskJob[]): Promise<readonly (string | Error)[]> {
    const open = await this.#connected();
    const storing = this.#queues.add(open, jobs);
    const { enqueueTimeoutMs } = this.#settings;
    this.#answers.watch(storing, () =>
      this.#outage.begin(notAnswered(enqueueTimeoutMs)),
    );
    const results = await storing;
    const outage = results.find(
      (result) => result instanceof StoreError && result.isOutage,
    );
    if (outage instanceof StoreError) this.#outage.begin(outage);
    else this.#outage.end();
    const [first] = results;
    if (results.every((result) => result instanceof Error)) throw first;
    return results;
  }

  /** Rejects when the database is not available in time, as nothing may be stored late. */
  async #connected(): Promise<OpenBoss> {
    if (this.#stopping) throw new Error(STOPPED);
    const { enqueueTimeoutMs } = this.#settings;
    return (
      this.#connection.current ??
      new Deadline(enqueueTimeoutMs).valueOf(this.#connection.ready(), () =>
        notAnswered(enqueueTimeoutMs),
      )
    );
  }
}

/** Resolves when the work has succeeded or failed, or when the time is up. */
async function settledWithin(
  ms: number,
  work: Promise<unknown>,
): Promise<void> {
  await new Deadline(ms).meets(work).catch(() => {});
}
