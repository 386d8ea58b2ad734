import { randomUUID } from 'node:crypto';
import { LEASE_MS } from '../engine-kit/schedule-upkeep.js';
import type { RedisClient } from './bullmq-connection.js';

/**
 * Which recurring tasks living processes declare. So a process that does not have a task,
 * such as one of another application or of an earlier deployment, does not end the
 * schedule of those that have it.
 */
export class Declarers {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #id = randomUUID();

  /** @param key the Redis key of their list, and the beginning of one for each process */
  constructor(client: RedisClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  async renew(schedulerIds: readonly string[]): Promise<void> {
    if (schedulerIds.length === 0) return;
    const declared = JSON.stringify(schedulerIds);
    await this.#client.set(this.#keyOf(this.#id), declared, 'PX', LEASE_MS);
    await this.#client.sadd(this.#key, this.#id);
  }

  /** The ids of the job schedulers that others declare. */
  async ofOthers(): Promise<ReadonlySet<string>> {
    const declared = new Set<string>();
    for (const id of await this.#client.smembers(this.#key)) {
      if (id === this.#id) continue;
      const text = await this.#client.get(this.#keyOf(id));
      if (text === null) await this.#client.srem(this.#key, id);
      else for (const each of JSON.parse(text) as string[]) declared.add(each);
    }
    return declared;
  }

  async release(): Promise<void> {
    await this.#client.del(this.#keyOf(this.#id));
    await this.#client.srem(this.#key, this.#id);
  }

  #keyOf(id: string): string {
    return `${this.#key}:${id}`;
  }
}
