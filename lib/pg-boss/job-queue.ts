import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import type { JobStatements } from './job-statements.js';
import { JobStore } from './job-store.js';
import { JobWorker } from './job-worker.js';
import { JobWriter } from './job-writer.js';
import type { OpenBoss } from './open-boss.js';
import type { Outage } from './outage.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import type { QueueCreation } from './queue-creation.js';

/** One queue in the database, and its worker if this process has one. */
export class JobQueue {
  readonly #settings: PgBossSettings;
  readonly #statements: JobStatements;
  readonly #creation: QueueCreation;
  readonly #outage: Outage;
  readonly #writer: JobWriter;
  #worker: JobWorker | undefined;

  /** @param settings with the name of this queue */
  constructor(
    settings: PgBossSettings,
    statements: JobStatements,
    creation: QueueCreation,
    outage: Outage,
  ) {
    this.#settings = settings;
    this.#statements = statements;
    this.#creation = creation;
    this.#outage = outage;
    this.#writer = new JobWriter(settings, statements);
  }

  /** Its name in the database. */
  get name(): string {
    return this.#settings.queue;
  }

  /** The id of each job, or why it is not, or may not be, stored. */
  async add(
    open: OpenBoss,
    jobs: readonly TaskJob[],
  ): Promise<readonly (string | Error)[]> {
    const results = await this.#storeOn(open).add(jobs);
    this.wake();
    return results;
  }

  cancel(open: OpenBoss, jobId: string): Promise<boolean> {
    return this.#storeOn(open).cancel(jobId);
  }

  /** Begins to run its jobs. */
  work(open: OpenBoss, host: EngineHost, concurrency: number): void {
    const { worker, enqueueTimeoutMs: progressMs } = this.#settings;
    if (!worker) return;
    const settings = { ...worker, concurrency, progressMs };
    const store = this.#storeOn(open);
    this.#worker = new JobWorker(store, host, this.#outage, settings);
    this.#worker.start();
  }

  wake(): void {
    this.#worker?.wake();
  }

  /** Makes its worker look for cancelled jobs, and whether the queue is paused. */
  async look(): Promise<void> {
    await this.#worker?.look();
  }

  pause(): void {
    this.#worker?.pause();
  }

  async close(withinMs: number): Promise<void> {
    await this.#worker?.close(withinMs);
  }

  #storeOn(open: OpenBoss): JobStore {
    return new JobStore(
      open,
      this.#settings,
      this.#statements,
      this.#writer,
      this.#creation,
    );
  }
}
