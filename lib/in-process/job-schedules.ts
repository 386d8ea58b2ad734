import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import { LONGEST_DELAY_MS } from '../core/base/duration.js';
import type { Clock } from '../core/base/clock.js';
import { occurrencesOf, type Occurrences } from '../durable/occurrences.js';
import { occurrenceJob } from '../engine-kit/occurrence-job.js';
import type { TaskJob } from '../durable/durable-engine.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import type { TaskSchedule } from '../durable/task-schedule.js';

/** A schedule with its dates, and the timer that waits for the next one. */
interface RunningSchedule {
  readonly schedule: TaskSchedule;
  readonly occurrences: Occurrences;
  /** The last occurrence that was due. */
  lastMs: number;
  nextMs: number | undefined;
  stopTimer: () => void;
}

/** Adds the jobs of recurring tasks when they are due, while this process runs. */
export class JobSchedules {
  readonly #clock: Clock;
  readonly #add: (job: TaskJob) => void;
  readonly #running: RunningSchedule[] = [];
  #isStopped = false;

  constructor(clock: Clock, add: (job: TaskJob) => void) {
    this.#clock = clock;
    this.#add = add;
  }

  async start(schedules: readonly TaskSchedule[]): Promise<void> {
    for (const schedule of schedules) {
      const occurrences = await occurrencesOf(schedule.recurrence);
      if (this.#isStopped) return;
      const running: RunningSchedule = {
        schedule,
        occurrences,
        lastMs: this.#clock.date(),
        nextMs: undefined,
        stopTimer: () => {},
      };
      this.#running.push(running);
      this.#await(running);
    }
  }

  list(
    lastAt: (queue: string, task: string) => number | undefined,
  ): StoredSchedule[] {
    return this.#running.map(({ schedule, nextMs }) => {
      const { task, recurrence, job } = schedule;
      const queue = job.queue ?? DEFAULT_QUEUE;
      const last = lastAt(queue, task);
      return { name: task, queue, ...recurrence, nextAt: nextMs, lastAt: last };
    });
  }

  stop(): void {
    this.#isStopped = true;
    for (const { stopTimer } of this.#running) stopTimer();
  }

  /** Waits for the next occurrence by the wall clock, which may be set meanwhile. */
  #await(running: RunningSchedule): void {
    const { occurrences, lastMs } = running;
    running.nextMs = occurrences.after(lastMs);
    if (running.nextMs === undefined || this.#isStopped) return;
    const leftMs = Math.max(0, running.nextMs - this.#clock.date());
    running.stopTimer = this.#clock.after(
      Math.min(leftMs, LONGEST_DELAY_MS),
      () => this.#look(running),
    );
  }

  #look(running: RunningSchedule): void {
    const { schedule, occurrences, lastMs } = running;
    // After a sleep of the machine several may be due, which count as one.
    const dueMs = occurrences.upTo(this.#clock.date());
    if (dueMs !== undefined && dueMs > lastMs) {
      running.lastMs = dueMs;
      this.#add(occurrenceJob(schedule.job, schedule.task, dueMs));
    }
    this.#await(running);
  }
}
