import type { Clock } from '../core/base/clock.js';
import { TaskCancelledError } from '../core/base/errors.js';
import type { TaskJob } from '../durable/durable-engine.js';
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
  type StoredTaskStatus,
} from '../durable/stored-task.js';
import { knownQueue, queuesMeant } from '../engine-kit/queues.js';
import { FirstPlaces, isAfter, type Place } from './first-places.js';
import type { JobStore } from './job-store.js';
import type { MemoryJob } from './memory-job.js';

/** A job, and where it is. */
interface Found {
  readonly queue: string;
  readonly store: JobStore;
  readonly job: MemoryJob;
  readonly status: StoredTaskStatus;
}

/** Access to the jobs in the memory of this process. */
export class StoredInMemory implements StoredJobs {
  readonly #stores: () => ReadonlyMap<string, JobStore>;
  readonly #clock: Clock;
  readonly schedules: StoredJobs['schedules'];

  /** @param stores by their queues */
  constructor(
    stores: () => ReadonlyMap<string, JobStore>,
    clock: Clock,
    schedules: StoredJobs['schedules'],
  ) {
    this.schedules = schedules;
    this.#stores = stores;
    this.#clock = clock;
  }

  get queues(): readonly string[] {
    return [...this.#stores().keys()];
  }

  async find(id: string): Promise<StoredJob | undefined> {
    const found = this.#find(id);
    return found && this.#snapshot(found);
  }

  /** The cursor is the status and the number of the last job. */
  async page(
    { statuses, name, queue, key }: StoredJobFilter,
    limit: number,
    cursor?: string,
  ): Promise<StoredJobPage> {
    const [, rank, number] = /^(\d+)\.(\d+)$/.exec(cursor ?? '0.') ?? [];
    const after = cursor === undefined ? undefined : Number(number);
    const isMatch = ({ status, job, queue: of }: Found) => {
      if (!statuses.includes(status)) return false;
      if (name !== undefined && job.task !== name) return false;
      if (key === undefined) return true;
      return name === undefined
        ? keyIn(job) === key
        : job.key === queueKeyOf({ task: name, key, queue: of });
    };
    // One more than asked for, to know whether another page follows.
    const first = new FirstPlaces<Found>(limit + 1);
    for (const found of this.#all(queue)) {
      if (!isMatch(found)) continue;
      const place = placeOf(found);
      if (after === undefined || isAfter(place, [Number(rank), after])) {
        first.add(found, place);
      }
    }
    const placed = first.sorted();
    const last = placed.at(limit - 1);
    return {
      jobs: placed.slice(0, limit).map(({ found }) => this.#snapshot(found)),
      cursor: placed.length > limit ? last?.place.join('.') : undefined,
    };
  }

  async counts(queue?: string): Promise<StoredTaskCounts> {
    const counts = noCounts();
    const nowMs = this.#clock.now();
    for (const [, store] of queuesMeant(this.#stores(), queue)) {
      for (const job of store.waiting()) counts[waitingStatus(job, nowMs)] += 1;
      counts.running += store.running.size;
      for (const { status } of store.ended.all()) counts[status] += 1;
    }
    return counts;
  }

  async retry(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(
      jobs,
      ({ store, job, status }, seen) =>
        status === seen.status && store.again(job),
    );
  }

  async cancel(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(jobs, ({ store, job, status }) => {
      if (status === 'running') {
        if (!job.loss || job.loss.signal.aborted) return false;
        job.loss.abort(new TaskCancelledError(job.task));
        return true;
      }
      if (!store.cancel(job.id)) return false;
      store.ended.add(job, 'cancelled');
      return true;
    });
  }

  async remove(jobs: readonly StoredJob[]): Promise<number> {
    return this.#change(
      jobs,
      ({ store, job }) => store.ended.delete(job.id) || store.cancel(job.id),
    );
  }

  async pause(queue: string): Promise<void> {
    this.#store(queue).isPaused = true;
  }

  async resume(queue: string): Promise<void> {
    const store = this.#store(queue);
    store.isPaused = false;
    store.wake();
  }

  async isPaused(queue: string): Promise<boolean> {
    return this.#store(queue).isPaused;
  }

  #store(queue: string): JobStore {
    return knownQueue(this.#stores(), queue);
  }

  #change(
    jobs: readonly StoredJob[],
    change: (found: Found, job: StoredJob) => boolean,
  ): number {
    return jobs.filter((job) => {
      const found = this.#find(job.jobId);
      return found && change(found, job);
    }).length;
  }

  #find(id: string): Found | undefined {
    for (const [queue, store] of this.#stores()) {
      for (const job of store.running) {
        if (job.id === id) return { queue, store, job, status: 'running' };
      }
      const waiting = store.get(id);
      if (waiting) {
        const status = waitingStatus(waiting, this.#clock.now());
        return { queue, store, job: waiting, status };
      }
      const ended = store.ended.get(id);
      if (ended) return { queue, store, ...ended };
    }
    return undefined;
  }

  *#all(only?: string): Iterable<Found> {
    const nowMs = this.#clock.now();
    for (const [queue, store] of queuesMeant(this.#stores(), only)) {
      for (const job of store.waiting()) {
        yield { queue, store, job, status: waitingStatus(job, nowMs) };
      }
      for (const job of store.running) {
        yield { queue, store, job, status: 'running' };
      }
      for (const ended of store.ended.all()) yield { queue, store, ...ended };
    }
  }

  #snapshot({ queue, job, status }: Found): StoredJob {
    const { now, date } = { now: this.#clock.now(), date: this.#clock.date() };
    return {
      jobId: job.id,
      queue,
      data: JSON.parse(job.text) as unknown,
      status,
      attempt: job.starts,
      storedAt: job.storedAt,
      dueAt: status === 'delayed' ? date + job.dueMs - now : undefined,
      startedAt: job.startedAt,
      endedAt: job.endedAt,
      error: job.error,
      progress: job.progress,
      result: status === 'succeeded' ? job.result : undefined,
    };
  }
}

/** The key that was given to a task, without its name. */
function keyIn({ text }: MemoryJob): unknown {
  return (JSON.parse(text) as TaskJob).key;
}

function waitingStatus(
  { dueMs }: MemoryJob,
  nowMs: number,
): 'waiting' | 'delayed' {
  // Timers may fire a millisecond early.
  return dueMs - nowMs < 1 ? 'waiting' : 'delayed';
}

function placeOf({ status, job }: Found): Place {
  return [STORED_STATUSES.indexOf(status), job.endNumber ?? job.number];
}
