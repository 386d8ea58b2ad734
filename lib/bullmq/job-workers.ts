import type { Clock } from '../core/base/clock.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type { BullmqSettings, QueueWorkOptions } from './bullmq-settings.js';
import { JobWorker } from './job-worker.js';
import type { Outage } from './outage.js';
import type { RedisConnections } from './redis-connections.js';
import { WorkerConnection } from './worker-connection.js';

/** The workers of this process, one for each queue. All send their commands on one connection. */
export class JobWorkers {
  readonly #workers: readonly JobWorker[];

  constructor(
    settings: BullmqSettings,
    queues: readonly QueueWorkOptions[],
    connections: RedisConnections,
    host: EngineHost,
    outage: Outage,
    clock: Clock,
  ) {
    const connection = new WorkerConnection(connections);
    this.#workers = queues.map(
      (queue) =>
        new JobWorker(settings, queue, connection, host, outage, clock),
    );
  }

  async pause(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.pause()));
  }

  /** Waits until running jobs have ended and are recorded, but no longer than `withinMs`. */
  async close(withinMs: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(withinMs)));
  }
}
