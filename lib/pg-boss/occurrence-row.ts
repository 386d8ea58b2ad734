import type { JobInsert } from 'pg-boss';
import type { TaskRecurrence } from '../core/task/recurrence.js';
import type { TaskJob } from '../durable/durable-engine.js';
import type { TaskSchedule } from '../durable/task-schedule.js';
import { occurrenceJob } from '../engine-kit/occurrence-job.js';
import { uuidOf } from '../engine-kit/uuid.js';
import { insertOf, jobOf, parsedData } from './job-row.js';
import type { PgBossSettings } from './pg-boss-settings.js';

/** How the `singleton_key` of an occurrence begins; those of other jobs are UUIDs. */
const KEY = 'schedule';

/** What holds for the key of an occurrence. An index of pg-boss finds them by the range. */
export const IS_OCCURRENCE = `singleton_key >= '${KEY}0' AND singleton_key < '${KEY}g' AND singleton_key LIKE '${KEY}%'`;

/** An occurrence as the store has it: all that is needed for the one that follows. */
export interface Occurrence {
  readonly schedule: TaskSchedule;
  readonly application: string | undefined;
  /** Equal for schedules that are declared alike. */
  readonly declaration: string;
  readonly dueMs: number;
  /** The one before it. */
  readonly lastMs: number | undefined;
}

/** What the data of an occurrence has beside its job. */
interface OccurrenceData {
  /** JSON in a string, which `jsonb` stores whatever the names contain. */
  readonly schedule: string;
  readonly last?: number | undefined;
}

type Declaration = TaskRecurrence & Pick<Occurrence, 'application'>;

/** Of all occurrences of a task in their queue. */
export function scheduleKeyOf(task: string): string {
  return KEY + uuidOf(`schedule ${task}`).replaceAll('-', '');
}

/** A schedule and whose it is, as text to be compared. */
export function declarationOf(
  { recurrence, job: { version, priority } }: TaskSchedule,
  application: string | undefined,
): string {
  const { cron, timeZone, everyMs, missed, overlap } = recurrence;
  const dates = cron === undefined ? { everyMs } : { cron, timeZone };
  const more = { missed, overlap, application, version, priority };
  return JSON.stringify({ ...dates, ...more });
}

/** The row of an occurrence, whose id is the same whoever stores it. */
export function occurrenceRow(
  { schedule, declaration, dueMs, lastMs }: Omit<Occurrence, 'application'>,
  { queue, keptS }: Pick<PgBossSettings, 'queue' | 'keptS'>,
): JobInsert & { id: string } {
  const { task, job } = schedule;
  const occurrence = occurrenceJob(job, `${queue} ${task}`, dueMs);
  const row = insertOf(occurrence, keptS);
  const data: OccurrenceData = { schedule: declaration, last: lastMs };
  return {
    ...row,
    data: { ...row.data, ...data },
    startAfter: new Date(dueMs).toISOString(),
    singletonKey: scheduleKeyOf(task),
  };
}

/** The occurrence in a `data` column; `undefined` for any other job. */
export function occurrenceIn(data: unknown): Occurrence | undefined {
  const { schedule: declaration, last } = Object(
    parsedData(data),
  ) as Partial<OccurrenceData>;
  if (typeof declaration !== 'string') return undefined;
  try {
    const found = JSON.parse(declaration) as Declaration;
    const { cron, timeZone, everyMs, missed, overlap, application } = found;
    // What is no job is refused when it is to run.
    const { id, scheduledFor, scheduledAt, ...job } = jobOf(data) as TaskJob;
    if (
      id === '' ||
      scheduledFor !== scheduledAt ||
      !(Number(scheduledFor) >= 0)
    )
      return undefined;
    const more = { missed, overlap };
    return {
      schedule: {
        task: job.task,
        recurrence:
          cron === undefined
            ? { everyMs, ...more }
            : { cron, timeZone, ...more },
        job,
      },
      application,
      declaration,
      dueMs: Number(scheduledFor),
      lastMs: typeof last === 'number' ? last : undefined,
    };
  } catch {
    return undefined;
  }
}
