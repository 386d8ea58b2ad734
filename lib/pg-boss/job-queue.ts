import { Deadline } from '../core/base/deadline.js';
import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import { schedulesIn } from '../engine-kit/schedule-upkeep.js';
import { Declarers } from './declarers.js';
import type { JobStatements } from './job-statements.js';
import { JobStore } from './job-store.js';
import { JobWorker } from './job-worker.js';
import { JobWriter } from './job-writer.js';
import { OccurrenceChain } from './occurrence-chain.js';
import type { OpenBoss } from './open-boss.js';
import type { Outage } from './outage.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import type { QueueCreation } from './queue-creation.js';
import { ScheduleStatements } from './schedule-statements.js';
import { Schedules } from './schedules.js';

/** How long the last statement about the recurring tasks may take at the end. */
const RELEASE_MS = 1_000;

/** One queue in the database, and its worker if this process has one. */
export class JobQueue {
  readonly #own: string;
  readonly #settings: PgBossSettings;
  readonly #statements: JobStatements;
  readonly #creation: QueueCreation;
  readonly #outage: Outage;
  readonly #writer: JobWriter;
  #worker: JobWorker | undefined;
  #schedules: Schedules | undefined;

  /**
   * @param own its name in the application
   * @param settings with its name in the database
   */
  constructor(
    own: string,
    settings: PgBossSettings,
    statements: JobStatements,
    creation: QueueCreation,
    outage: Outage,
  ) {
    this.#own = own;
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
    const chain = this.#chainOn(open, host);
    this.#worker = new JobWorker(store, chain, host, this.#outage, settings);
    this.#worker.start();
  }

  /** Makes its recurring tasks those that the application declares, once and from now on. */
  async schedule(open: OpenBoss, host: EngineHost): Promise<void> {
    this.#schedules = new Schedules({
      chain: this.#chainOn(open, host),
      declarers: new Declarers(
        open,
        this.name,
        this.#creation,
        new ScheduleStatements(this.#settings),
      ),
      declared: schedulesIn(this.#own, host),
      settings: this.#settings,
      outage: this.#outage,
      host,
    });
    await this.#schedules.look();
  }

  wake(): void {
    this.#worker?.wake();
  }

  /**
   * Makes its worker look for cancelled jobs, and whether the queue is paused, and its
   * schedules whether an occurrence was cancelled or removed.
   */
  async look(): Promise<void> {
    await Promise.all([this.#worker?.look(), this.#schedules?.look()]);
  }

  pause(): void {
    this.#schedules?.pause();
    this.#worker?.pause();
  }

  async close(withinMs: number): Promise<void> {
    this.pause();
    await this.#worker?.close(withinMs);
    const released = this.#schedules?.release().catch(() => {});
    if (released) await new Deadline(RELEASE_MS).meets(released);
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

  #chainOn(open: OpenBoss, host: EngineHost): OccurrenceChain {
    return new OccurrenceChain(
      open,
      this.#settings,
      new ScheduleStatements(this.#settings),
      schedulesIn(this.#own, host),
      (dueMs) => this.#worker?.wakeAfter(Math.max(0, dueMs - Date.now())),
    );
  }
}
