import { Queue, type JobsOptions } from 'bullmq';
import type { TaskJob } from '../durable/durable-engine.js';
import { delayOf, queueKeyOf } from '../durable/envelope.js';
import { storedQueue } from '../engine-kit/queues.js';
import type { BullmqSettings } from './bullmq-settings.js';
import {
  isConnectionLoss,
  NotSentError,
  withoutArguments,
} from './redis-error.js';
import { endConnecting } from './end-connecting.js';
import type { Outage } from './outage.js';
import type { StoreConnection } from './store-connection.js';
import { StoredQueue } from './stored-queue.js';

/** The worker decides whether another attempt follows, and after which pause. */
export const DECIDED_BY_WORKER = {
  attempts: 2 ** 31 - 1,
  backoff: { type: 'nestjs-tasks' },
  // A job may fail very often, and each stack would be kept in it.
  stackTraceLimit: 3,
} satisfies JobsOptions;

/** The states of jobs that have not started. */
const WAITING: readonly string[] = [
  'waiting',
  'delayed',
  'prioritized',
  'paused',
];

/** Puts jobs into one queue and cancels them. */
export class JobStore {
  /** Its jobs, for StoredTasks. */
  readonly stored: StoredQueue;
  readonly #queue: Queue;
  readonly #connection: StoreConnection;

  constructor(
    queue: string,
    settings: Pick<BullmqSettings, 'queue' | 'prefix' | 'keptFailed'>,
    connection: StoreConnection,
    outage: Outage,
  ) {
    this.#connection = connection;
    this.#queue = new Queue(storedQueue(settings.queue, queue), {
      connection: connection.client,
      prefix: settings.prefix,
      // An unanswered INFO would leave the queue unusable forever.
      skipVersionCheck: true,
    });
    this.#queue.on('error', (error) => outage.report(error));
    this.stored = new StoredQueue(
      queue,
      this.#queue,
      connection,
      settings.keptFailed,
    );
  }

  /**
   * The ids of the jobs, or why one is not stored. Settles late if Redis answers late, as
   * what was sent may be stored.
   *
   * @throws (rejects with) an error in the time for it when nothing was sent
   */
  async add(jobs: readonly TaskJob[]): Promise<readonly (string | Error)[]> {
    try {
      const stored = await this.#connection.send(() =>
        this.#queue.addBulk(jobs.map(bulkJob)),
      );
      return await Promise.all(
        jobs.map((job, index) => this.#unlessStray(job, stored[index]?.id)),
      );
    } catch (error) {
      if (error instanceof NotSentError) throw error;
      if (error instanceof Error && isConnectionLoss(error)) {
        // Whether they were stored before the connection was lost is known afterwards.
        await this.#connection.whenBack();
        return this.#storedOf(jobs, withoutArguments(error));
      }
      const reason = withoutArguments(error);
      return jobs.length === 1 ? [reason] : this.#addEach(jobs, reason);
    }
  }

  cancel(id: string): Promise<boolean> {
    return this.#connection.send(
      async () => {
        const state = await this.#queue.getJobState(id);
        return WAITING.includes(state) && (await this.#queue.remove(id)) === 1;
      },
      { inTime: true },
    );
  }

  /** After its connection. */
  async close(): Promise<void> {
    const { client } = this.#connection;
    await endConnecting([client], this.#queue.waitUntilReady());
    await this.#queue.close();
  }

  /** What Redis says against one of them must not be the fate of the others. */
  async #addEach(
    jobs: readonly TaskJob[],
    reason: Error,
  ): Promise<(string | Error)[]> {
    const stored = await this.#storedOf(jobs, reason);
    return Promise.all(
      jobs.map(async (job, index) => {
        const id = stored[index];
        if (typeof id === 'string') return id;
        const [result] = await this.add([job]);
        return result ?? reason;
      }),
    );
  }

  #storedOf(
    jobs: readonly TaskJob[],
    reason: Error,
  ): Promise<(string | Error)[]> {
    return this.#connection.send(() =>
      Promise.all(
        jobs.map(async ({ id }) => {
          const storeId = storeIdOf(id);
          return (await this.#connection.client.exists(
            this.#queue.toKey(storeId),
          ))
            ? storeId
            : reason;
        }),
      ),
    );
  }

  /** A key may be held for ever by a job that is gone, or has ended. */
  async #unlessStray(job: TaskJob, id = storeIdOf(job.id)): Promise<string> {
    const key = queueKeyOf(job);
    if (key === undefined || id === storeIdOf(job.id)) return id;
    return this.#connection.send(async () => {
      const state = await this.#queue.getJobState(id);
      if (WAITING.includes(state) || state === 'active') return id;
      // One that has ended in the meantime has left the key to the next.
      if ((await this.#queue.getDeduplicationJobId(key)) !== id) return id;
      await this.#queue.removeDeduplicationKey(key);
      const { name, data, opts } = bulkJob(job);
      const added = await this.#queue.add(name, data, opts);
      return added.id ?? id;
    });
  }
}

function bulkJob(job: TaskJob): {
  name: string;
  data: TaskJob;
  opts: JobsOptions;
} {
  const { id, task } = job;
  const key = queueKeyOf(job);
  const opts: JobsOptions = { ...DECIDED_BY_WORKER, jobId: storeIdOf(id) };
  const delayMs = Math.ceil(delayOf(job, Date.now()));
  if (delayMs > 0) opts.delay = delayMs;
  if (job.priority) opts.priority = job.priority;
  if (key !== undefined) {
    // A job added while another with its key runs is not a duplicate: it waits for it.
    opts.deduplication = { id: key, keepLastIfActive: true };
  }
  return { name: task, data: job, opts };
}

/**
 * The id of a job in BullMQ: the id of its task, encoded where BullMQ refuses it, as it
 * does numbers and most ids with colons.
 */
export function storeIdOf(taskId: string): string {
  return /^-?\d+$/.test(taskId) || taskId === '' || taskId.includes(':')
    ? `task-${Buffer.from(taskId).toString('base64url')}`
    : taskId;
}
