import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { quoted } from '../core/base/describe.js';
import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import {
  addByQueue,
  storedQueue,
  type QueuePlan,
} from '../engine-kit/queues.js';
import { JobQueue } from './job-queue.js';
import { JobStatements } from './job-statements.js';
import { Notifications } from './notifications.js';
import type { OpenBoss } from './open-boss.js';
import type { Outage } from './outage.js';
import { storeInTransaction } from './outbox.js';
import { changesOf, mustBeNoMark } from './queue-marks.js';
import type { PgBossSettings } from './pg-boss-settings.js';
import type { QueueCreation } from './queue-creation.js';
import { registerWorker } from './register-worker.js';
import { storeError } from './store-error.js';

/** The queues of one life of the engine. */
export class JobQueues {
  readonly #settings: PgBossSettings;
  readonly #plan: QueuePlan;
  readonly #creation: QueueCreation;
  readonly #outage: Outage;
  readonly #statements: JobStatements;
  readonly #queues = new Map<string, JobQueue>();
  #notifications: Notifications | undefined;
  #isPaused = false;

  constructor(
    settings: PgBossSettings,
    plan: QueuePlan,
    creation: QueueCreation,
    outage: Outage,
  ) {
    this.#settings = settings;
    this.#plan = plan;
    this.#creation = creation;
    this.#outage = outage;
    this.#statements = new JobStatements(settings);
    this.#queue(DEFAULT_QUEUE);
  }

  /** Creates those that are known, and begins to work those that are this process's. */
  async start(open: OpenBoss, host: EngineHost): Promise<void> {
    const worked =
      this.#settings.worker && !this.#isPaused ? this.#plan.worked : [];
    for (const [name, { concurrency }] of worked) {
      this.#queue(name).work(open, host, concurrency);
    }
    if (worked.length > 0) this.#listen(open, host);
    await Promise.all(this.#plan.known.map((name) => this.#create(open, name)));
    if (!this.#isPaused) {
      await Promise.all(
        this.#plan.known.map((name) => this.#queue(name).schedule(open, host)),
      );
    }
    for (const [name] of worked) {
      void registerWorker(open, this.#queue(name).name);
    }
  }

  add(
    open: OpenBoss,
    jobs: readonly TaskJob[],
  ): Promise<readonly (string | Error)[]> {
    return addByQueue(jobs, (name, group) =>
      this.#queue(name).add(open, group),
    );
  }

  /** @see storeInTransaction */
  addIn(
    transaction: unknown,
    jobs: readonly TaskJob[],
  ): Promise<readonly (string | Error)[]> {
    return addByQueue(jobs, (name, group) => {
      this.#mustExist(name);
      const { name: queue } = this.#queue(name);
      return storeInTransaction(transaction, queue, this.#statements, group);
    });
  }

  /** Removes a job that waits in any of the queues. */
  async cancel(open: OpenBoss, jobId: string): Promise<boolean> {
    const queues = [...this.#queues.values()];
    const removed = await Promise.all(
      queues.map((queue) => queue.cancel(open, jobId)),
    );
    return removed.includes(true);
  }

  /** The names of the known queues in the database, by their own. */
  names(): ReadonlyMap<string, string> {
    for (const name of this.#plan.known) this.#queue(name);
    return new Map([...this.#queues].map(([own, { name }]) => [own, name]));
  }

  /** Tells all workers of a queue, by its name in the database, that something has changed. */
  async announce(
    open: OpenBoss,
    what: 'jobs' | 'changes',
    queue: string,
  ): Promise<void> {
    await this.#statements.announce(open, what, queue);
    for (const each of this.#queues.values()) {
      if (each.name !== queue) continue;
      if (what === 'jobs') each.wake();
      else await each.look();
    }
  }

  pause(): void {
    this.#isPaused = true;
    for (const queue of this.#queues.values()) queue.pause();
  }

  async close(withinMs: number): Promise<void> {
    const queues = [...this.#queues.values()];
    await Promise.all(queues.map((queue) => queue.close(withinMs)));
    this.#notifications?.stop();
  }

  async #create(open: OpenBoss, name: string): Promise<void> {
    try {
      await this.#creation.ensure(open, this.#queue(name).name);
    } catch (error) {
      // What stores or takes jobs tries again.
      this.#outage.mention(storeError(error));
    }
  }

  #listen(open: OpenBoss, { log }: EngineHost): void {
    if (!this.#settings.notify) return;
    this.#notifications = new Notifications(log);
    const { channel } = this.#statements;
    void this.#notifications.listen(open, channel, (woken) => {
      for (const queue of this.#queues.values()) {
        if (woken === undefined || woken === queue.name) queue.wake();
        if (woken === changesOf(queue.name)) void queue.look();
      }
    });
  }

  /**
   * A statement that fails would take the whole transaction of the caller with it.
   *
   * @throws TaskInvalidOptionError
   */
  #mustExist(name: string): void {
    const isKnown = !this.#plan.isStarted || this.#plan.known.includes(name);
    if (isKnown || this.#creation.has(this.#queue(name).name)) return;
    throw new TaskInvalidOptionError(
      `\`queue\` names ${quoted(name)}, which may not exist yet, so nothing can be stored in it in a transaction. ` +
        'Name it in a declaration, @Task({ queue }), or in `worker.queues`: then it is created when the application starts.',
    );
  }

  #queue(name: string): JobQueue {
    let queue = this.#queues.get(name);
    if (!queue) {
      mustBeNoMark(name);
      const stored = storedQueue(this.#settings.queue, name);
      queue = new JobQueue(
        name,
        { ...this.#settings, queue: stored },
        this.#statements,
        this.#creation,
        this.#outage,
      );
      this.#queues.set(name, queue);
    }
    return queue;
  }
}
