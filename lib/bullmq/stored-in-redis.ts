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
import { knownQueue, queuesMeant } from '../engine-kit/queues.js';
import { storeIdOf } from './job-store.js';
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
      this.#meant().flatMap((queue) =>
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
    const queues = this.#meant(filter.queue);
    const [first] = queues;
    if (!first) return { jobs: [] };
    return this.#ask(first, () => readPage(queues, filter, limit, cursor));
  }

  async counts(queue?: string): Promise<StoredTaskCounts> {
    const sum = noCounts();
    for (const each of this.#meant(queue)) {
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

  /** One that cannot be changed must not keep the others as they are. */
  async #change(
    jobs: readonly StoredJob[],
    change: (queue: StoredQueue, job: StoredJob) => Promise<boolean>,
  ): Promise<number> {
    const ends = await Promise.allSettled(
      jobs.map((job) => {
        const queue = this.#queue(job.queue);
        return this.#ask(queue, () => change(queue, job));
      }),
    );
    const count = ends.filter(
      (end) => end.status === 'fulfilled' && end.value,
    ).length;
    const failed = ends.find((end) => end.status === 'rejected');
    if (count === 0 && failed) throw failed.reason;
    return count;
  }

  #ask<T>({ connection }: StoredQueue, act: () => Promise<T>): Promise<T> {
    return connection.send(act, { inTime: true });
  }

  #meant(queue?: string): readonly StoredQueue[] {
    return queuesMeant(this.#queues(), queue).map(([, each]) => each);
  }

  #queue(name: string): StoredQueue {
    return knownQueue(this.#queues(), name);
  }
}
