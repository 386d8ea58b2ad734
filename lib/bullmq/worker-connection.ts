import type { RedisClient } from './bullmq-connection.js';
import type { RedisConnections } from './redis-connections.js';

/** The connection on which the workers of a process send their commands. */
export class WorkerConnection {
  readonly client: RedisClient;
  #duplicate: RedisClient | undefined;

  constructor(connections: RedisConnections) {
    // Outcomes must reach Redis however long it is away, so commands wait for it.
    this.client = connections.open({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
    });
    const duplicate = this.client.duplicate as () => RedisClient;
    this.client.duplicate = (...override: unknown[]) =>
      (this.#duplicate = Reflect.apply(
        duplicate,
        this.client,
        override,
      )) as never;
  }

  /**
   * What a worker of BullMQ makes of it at once when it is created: a connection of its
   * own, on which it waits for jobs.
   */
  with<T>(
    create: (client: RedisClient) => T,
  ): [T, waiting: RedisClient | undefined] {
    this.#duplicate = undefined;
    return [create(this.client), this.#duplicate];
  }
}
