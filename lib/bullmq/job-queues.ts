import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import type { Clock } from '../core/base/clock.js';
import type { EngineHost, TaskJob } from '../durable/durable-engine.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import { addByQueue } from '../engine-kit/queues.js';
import type { BullmqSettings } from './bullmq-settings.js';
import { JobSchedulers } from './job-schedulers.js';
import { DECIDED_BY_WORKER, JobStore } from './job-store.js';
import type { Outage } from './outage.js';
import type { RedisConnections } from './redis-connections.js';
import { StoreConnection } from './store-connection.js';
import type { StoredQueue } from './stored-queue.js';

/** The queues of one life of the engine. One connection stores the jobs of all of them. */
export class JobQueues {
  readonly #settings: BullmqSettings;
  readonly #outage: Outage;
  readonly #connection: StoreConnection;
  readonly #clock: Clock;
  readonly #stores = new Map<string, JobStore>();
  readonly #schedulers: JobSchedulers[] = [];

  constructor(
    settings: BullmqSettings,
    connections: RedisConnections,
    outage: Outage,
    clock: Clock,
  ) {
    this.#settings = settings;
    this.#outage = outage;
    this.#clock = clock;
    this.#connection = new StoreConnection(
      connections,
      outage,
      clock,
      settings.enqueueTimeoutMs,
    );
    this.open(DEFAULT_QUEUE);
  }

  /** The queue of that name; each is opened once. */
  open(queue: string): JobStore {
    const known = this.#stores.get(queue);
    if (known) return known;
    const store = new JobStore(
      queue,
      this.#settings,
      this.#connection,
      this.#outage,
    );
    this.#stores.set(queue, store);
    return store;
  }

  /** As {@link JobStore.add}, each job in its queue. */
  add(jobs: readonly TaskJob[]): Promise<readonly (string | Error)[]> {
    return addByQueue(jobs, (queue, group) => this.open(queue).add(group));
  }

  /** Removes a job that waits in any of the queues. */
  async cancel(id: string): Promise<boolean> {
    const stores = [...this.#stores.values()];
    const removed = await Promise.all(stores.map((store) => store.cancel(id)));
    return removed.includes(true);
  }

  /** Their jobs, for StoredTasks. */
  get stored(): ReadonlyMap<string, StoredQueue> {
    return new Map(
      [...this.#stores].map(([name, { stored }]) => [name, stored]),
    );
  }

  /** Resolves at the first connection, or at the first failure to connect. */
  ready(): Promise<void> {
    return this.#connection.ready();
  }

  /** Resolves when the schedules of all queues are as the application declares them. */
  async schedule(host: EngineHost): Promise<void> {
    const { application, worker } = this.#settings;
    for (const [name, { stored }] of this.#stores) {
      const schedulers = new JobSchedulers(
        {
          name,
          queue: stored.bull,
          connection: this.#connection,
          clock: this.#clock,
          outage: this.#outage,
          options: DECIDED_BY_WORKER,
          application,
          isWorker: worker !== false,
        },
        host,
      );
      this.#schedulers.push(schedulers);
    }
    await Promise.all(this.#schedulers.map((each) => each.start()));
  }

  async schedules(): Promise<readonly StoredSchedule[]> {
    const lists = this.#schedulers.map((each) => each.list());
    return (await Promise.all(lists)).flat();
  }

  stopScheduling(): void {
    for (const each of this.#schedulers) each.pause();
  }

  async close(): Promise<void> {
    this.stopScheduling();
    await Promise.all(this.#schedulers.map((each) => each.release()));
    this.#connection.close();
    const stores = [...this.#stores.values()];
    await Promise.all(stores.map((store) => store.close()));
  }
}
