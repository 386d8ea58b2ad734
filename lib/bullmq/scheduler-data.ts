import type { JobSchedulerJson, JobSchedulerTemplateOptions } from 'bullmq';
import type { TaskRecurrence } from '../core/task/recurrence.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import type { TaskSchedule } from '../durable/task-schedule.js';

/** The ids of other job schedulers in the queue begin differently. */
const OURS = 'nestjs-tasks|';

/** Occurrences that are so near when a schedule is written may be of the past when it is stored. */
const MARGIN_MS = 1_000;

/** What a job scheduler keeps for its jobs: the job of each occurrence, and the rest of the declaration. */
export interface SchedulerData {
  readonly schedule: Pick<TaskRecurrence, 'missed' | 'overlap'> & {
    readonly application?: string | undefined;
  };
  readonly job: TaskSchedule['job'];
}

/** The data of a job: that of the envelope, with what only the schedule needs in one place. */
export type StoredData = SchedulerData['job'] & Pick<SchedulerData, 'schedule'>;

export type SchedulerJson = JobSchedulerJson<StoredData>;

/** Of a task, without colons, which have a meaning in the keys of BullMQ. */
export function schedulerIdOf(task: string): string {
  return OURS + encodeURIComponent(task.replace(/\p{Surrogate}/gu, '\ufffd'));
}

export function isOurs(schedulerId: string): boolean {
  return schedulerId.startsWith(OURS);
}

export function storedData(
  { recurrence: { missed, overlap }, job }: TaskSchedule,
  application: string | undefined,
): StoredData {
  return { ...job, schedule: { missed, overlap, application } };
}

/** When its jobs are due, in the terms of BullMQ. */
export function repeatOf({ cron, timeZone, everyMs }: TaskRecurrence) {
  const startMs = Date.now() + MARGIN_MS;
  return cron === undefined
    ? // From a multiple on, or the first one would be now.
      { every: everyMs, startDate: Math.ceil(startMs / everyMs) * everyMs }
    : { pattern: cron, tz: timeZone, startDate: startMs };
}

/** Whether a job scheduler does what is declared. */
export function isAsDeclared(
  { pattern, tz, every, template }: SchedulerJson,
  schedule: TaskSchedule,
  application: string | undefined,
): boolean {
  const { cron, timeZone, everyMs } = schedule.recurrence;
  const wanted = storedData(schedule, application);
  const found = template?.data;
  return (
    pattern === cron &&
    every === everyMs &&
    (cron === undefined || tz === timeZone) &&
    found?.version === wanted.version &&
    found.priority === wanted.priority &&
    found.schedule?.missed === wanted.schedule.missed &&
    found.schedule.overlap === wanted.schedule.overlap &&
    found.schedule.application === application
  );
}

/** A job scheduler as others read it. */
export function storedSchedule(
  queue: string,
  { name, pattern, tz, every, next, template }: SchedulerJson,
  lastAt: number | undefined,
): StoredSchedule {
  const { missed = 'once', overlap = 'skip' } = template?.data?.schedule ?? {};
  return {
    name,
    queue,
    ...(every === undefined
      ? { cron: pattern, timeZone: tz }
      : { everyMs: every }),
    missed,
    overlap,
    nextAt: next,
    lastAt,
  };
}

export type SchedulerOptions = JobSchedulerTemplateOptions;
