import { describe } from '../core/base/describe.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { queueKeyOf } from '../durable/envelope.js';
import type {
  StoredJob,
  StoredJobFilter,
  StoredJobPage,
  StoredJobs,
} from '../durable/stored-jobs.js';
import {
  noCounts,
  STORED_STATUSES,
  type StoredTaskCounts,
} from '../durable/stored-task.js';
import { storeIdOf } from './store-id.js';
import { readPage } from './stored-pages.js';
import type { StoredQueue } from './stored-queue.js';

/** Access to the jobs in the queues of BullMQ. */
export class StoredInRedis implements StoredJobs {
  readonly schedules: StoredJobs['schedules'];
  readonly #queues: () => ReadonlyMap<string, StoredQueue>;

  /** @param queues by their names */
  constructor(
    queues: () => ReadonlyMap<string, StoredQueue>,
    schedules: StoredJobs['schedules'],
  ) {
    this.schedules = schedules;
    this.#queues = queues;
  }

  get queues(): readonly string[] {
    return [...this.#queues().keys()];
  }

  async find(id: string): Promise<StoredJob | undefined> {
    if (id === '') return undefined;
    // Jobs that others have put there have ids that those of tasks never are.
    const jobIds = [...new Set([storeIdOf(id), id])];
    const found = await Promise.all(
      this.#all().flatMap((queue) =>
        jobIds.map((jobId) => this.#ask(queue, () => queue.find(jobId))),
      ),
    );
    return found.find((job) => job !== undefined);
  }

  async page(
    filter: StoredJobFilter,
    limit: number,
    cursor?: string,
  ): Promise<StoredJobPage> {
    const queues = this.#all(filter.queue);
    const [first] = queues;
    if (!first) return { jobs: [] };
    return this.#ask(first, () =>
      filter.key === undefined || filter.name === undefined
        ? readPage(queues, filter, limit, cursor)
        : this.#withKey(queues, filter, limit, cursor),
    );
  }

  async counts(queue?: string): Promise<StoredTaskCounts> {
    const sum = noCounts();
    for (const each of this.#all(queue)) {
      const counts = await this.#ask(each, () => each.counts());
      for (const status of STORED_STATUSES) sum[status] += counts[status];
    }
    return sum;
  }

  retry(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, (queue, { jobId, status }) =>
      queue.retry(jobId, status),
    );
  }

  cancel(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, (queue, { jobId }) => queue.cancel(jobId));
  }

  remove(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, (queue, { jobId }) => queue.remove(jobId));
  }

  async pause(queue: string): Promise<void> {
    const { bull } = this.#queue(queue);
    await this.#ask(this.#queue(queue), () => bull.pause());
  }

  async resume(queue: string): Promise<void> {
    const { bull } = this.#queue(queue);
    await this.#ask(this.#queue(queue), () => bull.resume());
  }

  async isPaused(queue: string): Promise<boolean> {
    const { bull } = this.#queue(queue);
    return this.#ask(this.#queue(queue), () => bull.isPaused());
  }

  /** BullMQ knows which job has a key; of those that have ended, all are looked at. */
  async #withKey(
    queues: readonly StoredQueue[],
    filter: StoredJobFilter,
    limit: number,
    cursor: string | undefined,
  ): Promise<StoredJobPage> {
    const { statuses, name = '', key } = filter;
    const live = statuses.filter((status) => !isEnded(status));
    const ended = statuses.filter(isEnded);
    const found: StoredJob[] = [];
    if (cursor === undefined && live.length > 0) {
      for (const queue of queues) {
        const queueKey =
          queueKeyOf({ task: name, key, queue: queue.queue }) ?? '';
        const jobId = await queue.bull.getDeduplicationJobId(queueKey);
        const job = jobId === null ? undefined : await queue.find(jobId);
        if (job && live.includes(job.status)) found.push(job);
      }
    }
    if (ended.length === 0) return { jobs: found };
    const endedOnly = { ...filter, statuses: ended };
    const page = await readPage(queues, endedOnly, limit, cursor);
    return { ...page, jobs: [...found, ...page.jobs] };
  }

  async #change(
    jobs: readonly StoredJob[],
    change: (queue: StoredQueue, job: StoredJob) => Promise<boolean>,
  ): Promise<number> {
    const changed = await Promise.all(
      jobs.map((job) => {
        const queue = this.#queue(job.queue);
        return this.#ask(queue, () => change(queue, job));
      }),
    );
    return changed.filter(Boolean).length;
  }

  #ask<T>({ connection }: StoredQueue, act: () => Promise<T>): Promise<T> {
    return connection.send(act, { inTime: true });
  }

  #all(only?: string): readonly StoredQueue[] {
    const queues = [...this.#queues().values()];
    return only === undefined
      ? queues
      : queues.filter(({ queue }) => queue === only);
  }

  #queue(name: string): StoredQueue {
    const queue = this.#queues().get(name);
    if (queue) return queue;
    throw new TaskInvalidOptionError(
      `\`queue\` must be one of ${this.queues.join(', ')}, got ${describe(name)}.`,
    );
  }
}

function isEnded(status: StoredJob['status']): boolean {
  return ['succeeded', 'failed', 'cancelled'].includes(status);
}
