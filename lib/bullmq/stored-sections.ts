import type { StoredTaskStatus } from '../durable/stored-task.js';
import type { RedisClient } from './bullmq-connection.js';
import type { StoredQueue } from './stored-queue.js';
import { statusOf } from './stored-view.js';

/** Where a page has ended in a section. */
export interface Place {
  /** The id of its last job. */
  readonly id: string;
  /** The score of that job, or how many jobs followed it in a list. */
  readonly rest: number;
}

/** Ids in the order of a section, with the places to go on from. */
export type Ids = readonly Place[];

/** Reads ids from a list or a sorted set of BullMQ. */
export interface Section {
  read(client: RedisClient, limit: number, after?: Place): Promise<Ids>;
}

/** A list. Jobs are added at its head, and taken from its tail. */
export class ListSection implements Section {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  async read(client: RedisClient, limit: number, after?: Place): Promise<Ids> {
    const length = await client.llen(this.#key);
    let start = 0;
    if (after) {
      const index = await client.lpos(this.#key, after.id);
      // When that job is gone, what followed it still has the same distance to the tail.
      start = index === null ? length - after.rest : index + 1;
    }
    start = Math.max(0, start);
    const ids = await client.lrange(this.#key, start, start + limit - 1);
    return ids.map((id, at) => ({ id, rest: length - start - at - 1 }));
  }
}

/** A sorted set, from its end. */
export class SortedSection implements Section {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  async read(client: RedisClient, limit: number, after?: Place): Promise<Ids> {
    const start = after ? await this.#startAfter(client, after) : 0;
    const flat = await client.zrevrange(
      this.#key,
      start,
      start + limit - 1,
      'WITHSCORES',
    );
    return Array.from({ length: flat.length / 2 }, (_, at) => ({
      id: flat[at * 2] ?? '',
      rest: Number(flat[at * 2 + 1]),
    }));
  }

  async #startAfter(client: RedisClient, { id, rest }: Place): Promise<number> {
    const rank = await client.zrevrank(this.#key, id);
    if (rank !== null) return rank + 1;
    // It is gone: those with a greater score came before it, and of those with its score
    // those whose ids are greater.
    const [before, tied] = await Promise.all([
      client.zcount(this.#key, `(${rest}`, '+inf'),
      client.zrangebyscore(this.#key, rest, rest),
    ]);
    const bytes = Buffer.from(id);
    return (
      before +
      tied.filter((other) => Buffer.from(other).compare(bytes) > 0).length
    );
  }
}

/** The job with a key, if it has that status: BullMQ knows which it is. */
export class KeyedSection implements Section {
  readonly #queue: StoredQueue;
  readonly #queueKey: string;
  readonly #status: StoredTaskStatus;

  constructor(queue: StoredQueue, queueKey: string, status: StoredTaskStatus) {
    this.#queue = queue;
    this.#queueKey = queueKey;
    this.#status = status;
  }

  async read(
    _client: RedisClient,
    _limit: number,
    after?: Place,
  ): Promise<Ids> {
    if (after) return [];
    const id = await this.#queue.bull.getDeduplicationJobId(this.#queueKey);
    if (id === null) return [];
    const { state, score } = await this.#queue.stateOf(id);
    return statusOf(state, false) === this.#status
      ? [{ id, rest: Number(score) }]
      : [];
  }
}
