import type { Queue } from 'bullmq';
import type { Clock } from '../core/base/clock.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import type { EngineHost } from '../durable/durable-engine.js';
import type {
  ScheduleChanges,
  TaskSchedule,
} from '../durable/task-schedule.js';
import { schedulesIn, ScheduleUpkeep } from '../engine-kit/schedule-upkeep.js';
import { Declarers } from './declarers.js';
import { LAST_OCCURRENCES, occurrenceOf } from './occurrences.js';
import type { Outage } from './outage.js';
import {
  isAsDeclared,
  isOurs,
  repeatOf,
  schedulerIdOf,
  storedData,
  storedSchedule,
  type SchedulerJson,
  type SchedulerOptions,
} from './scheduler-data.js';
import { lockScheduling } from './scheduling-lock.js';
import type { StoreConnection } from './store-connection.js';

/** How often the others look whether it has. */
const LOOK_MS = 100;
/** How long a job is overdue whose job scheduler has lost it. */
const BROKEN_AFTER_MS = 5_000;

/** Of a queue whose schedules are to be kept. */
export interface SchedulersParts {
  /** Its name in the application. */
  readonly name: string;
  readonly queue: Queue;
  readonly connection: StoreConnection;
  readonly clock: Clock;
  readonly outage: Outage;
  /** Adds to each job what the worker expects. */
  readonly options: SchedulerOptions;
  readonly application: string | undefined;
  /** Whether this process may end the schedules of tasks that nobody declares. */
  readonly isWorker: boolean;
}

/** What is to be done to the job schedulers of a queue. */
interface Plan {
  readonly added: readonly TaskSchedule[];
  readonly changed: readonly TaskSchedule[];
  readonly removed: readonly SchedulerJson[];
  /** What others declare, and is to be looked at again. */
  readonly left: number;
}

/**
 * Makes the job schedulers of a queue agree with the recurring tasks of the application.
 * BullMQ may double or lose a job when several processes write the same job scheduler at
 * its tick, so that one is only written when it differs, by one process at a time.
 */
export class JobSchedulers {
  readonly #parts: SchedulersParts;
  readonly #declarers: Declarers;
  readonly #host: EngineHost;
  /** Those of this queue. */
  readonly #declared: readonly TaskSchedule[];
  readonly #upkeep: ScheduleUpkeep;

  constructor(parts: SchedulersParts, host: EngineHost) {
    this.#parts = parts;
    this.#host = host;
    const { name, queue, connection, clock, outage } = parts;
    const key = queue.toKey('nestjs-tasks:declarers');
    this.#declarers = new Declarers(connection.client, key);
    this.#declared = schedulesIn(name, host);
    this.#upkeep = new ScheduleUpkeep({
      clock,
      isDeclaring: this.#declared.length > 0,
      agree: async (mayRemove) => {
        await this.#send(() => this.#declarers.renew(this.#declaredIds));
        return this.#apply(mayRemove);
      },
      failed: (error) => outage.report(error),
    });
  }

  /** Resolves when the schedules agree for the first time, however long that takes. */
  async start(): Promise<void> {
    await this.#upkeep.look();
  }

  async list(): Promise<readonly StoredSchedule[]> {
    const { queue, connection } = this.#parts;
    const last = await connection.client.hgetall(queue.toKey(LAST_OCCURRENCES));
    return (await this.#stored()).map((scheduler) =>
      storedSchedule(
        this.#parts.name,
        scheduler,
        occurrenceOf(last[scheduler.key])?.dueMs,
      ),
    );
  }

  /** Ends what it does by itself. */
  pause(): void {
    this.#upkeep.stop();
  }

  /** Other processes need not wait until this one has been away for long. */
  async release(): Promise<void> {
    const { connection } = this.#parts;
    if (this.#declared.length === 0) return;
    await connection
      .send(() => this.#declarers.release(), { inTime: true })
      .catch(() => {});
  }

  /** @returns how many are to be looked at again */
  async #apply(mayRemove: boolean): Promise<number> {
    const { queue, connection } = this.#parts;
    const lockKey = queue.toKey('nestjs-tasks:scheduling');
    for (;;) {
      const seen = await this.#plan(mayRemove);
      if (this.#upkeep.isStopped || isDone(seen)) return seen.left;
      const unlock = await lockScheduling(connection, lockKey);
      if (!unlock) {
        await new Promise<void>((resolve) =>
          this.#parts.clock.after(LOOK_MS, resolve),
        );
        continue;
      }
      try {
        // Another process may have written in between.
        const plan = await this.#plan(mayRemove);
        await this.#carryOut(plan);
        return plan.left;
      } finally {
        await unlock();
      }
    }
  }

  async #plan(mayRemove: boolean): Promise<Plan> {
    const stored = await this.#stored();
    const { application, isWorker } = this.#parts;
    const declared = this.#declared;
    const find = (task: string) =>
      stored.find(({ key }) => key === schedulerIdOf(task));
    const changed: TaskSchedule[] = [];
    for (const schedule of declared) {
      const found = find(schedule.task);
      if (!found) continue;
      const isKept = isAsDeclared(found, schedule, application);
      if (!isKept || (await this.#isBroken(found))) changed.push(schedule);
    }
    const strangers = stored.filter(
      ({ key, template }) =>
        !this.#declaredIds.includes(key) &&
        template?.data?.schedule?.application === application,
    );
    const others =
      isWorker && strangers.length > 0
        ? await this.#send(() => this.#declarers.ofOthers())
        : undefined;
    const removed = others
      ? strangers.filter(({ key }) => mayRemove && !others.has(key))
      : [];
    return {
      added: declared.filter(({ task }) => !find(task)),
      changed,
      removed,
      left: others ? strangers.length - removed.length : 0,
    };
  }

  async #carryOut({ added, changed, removed }: Plan): Promise<void> {
    const { queue, application, options } = this.#parts;
    for (const schedule of [...added, ...changed]) {
      const { task, recurrence, job } = schedule;
      await this.#send(() =>
        queue.upsertJobScheduler(schedulerIdOf(task), repeatOf(recurrence), {
          name: task,
          data: storedData(schedule, application),
          opts: job.priority ? { ...options, priority: job.priority } : options,
        }),
      );
    }
    for (const { key } of removed) {
      await this.#send(() => queue.removeJobScheduler(key));
    }
    const changes: ScheduleChanges = {
      added: added.map(({ task }) => task),
      changed: changed.map(({ task }) => task),
      removed: removed.map(({ name }) => name),
    };
    this.#host.schedulesChanged?.(changes);
  }

  /** Whether its next job is long overdue and gone, so that none would ever follow. */
  async #isBroken({ key, next }: SchedulerJson): Promise<boolean> {
    if (next === undefined || Date.now() - next < BROKEN_AFTER_MS) return false;
    const { queue, connection } = this.#parts;
    const jobKey = queue.toKey(`repeat:${key}:${next}`);
    const [storedAt, endedAt] = await this.#send(() =>
      connection.client.hmget(jobKey, 'timestamp', 'finishedOn'),
    );
    // A job that was cancelled before it ran is followed by none.
    return storedAt === null || endedAt !== null;
  }

  async #stored(): Promise<SchedulerJson[]> {
    const { queue, connection } = this.#parts;
    // Those of others in the queue may have a form that BullMQ refuses to read.
    const ids = await this.#send(() =>
      connection.client.zrange(queue.toKey('repeat'), '0', '-1'),
    );
    const found = await this.#send(() =>
      Promise.all(ids.filter(isOurs).map((id) => queue.getJobScheduler(id))),
    );
    return found.filter((scheduler): scheduler is SchedulerJson => !!scheduler);
  }

  get #declaredIds(): string[] {
    return this.#declared.map(({ task }) => schedulerIdOf(task));
  }

  #send<T>(act: () => Promise<T>): Promise<T> {
    return this.#parts.connection.send(act);
  }
}

function isDone({ added, changed, removed }: Plan): boolean {
  return added.length + changed.length + removed.length === 0;
}
