import type { TaskJob } from '../durable/durable-engine.js';
import type { TaskSchedule } from '../durable/task-schedule.js';
import { uuidOf } from './uuid.js';

/**
 * The job of an occurrence, from what is stored for all of them. Its id is the same in
 * every process, and each time that it is started.
 *
 * @param schedule names the schedule among those of all queues
 * @param dueMs the date of the occurrence, in milliseconds since 1970
 */
export function occurrenceJob<J extends TaskSchedule['job']>(
  job: J,
  schedule: string,
  dueMs: number,
): J & TaskJob {
  return {
    ...job,
    id: uuidOf(`occurrence ${schedule} ${dueMs}`),
    scheduledFor: dueMs,
    scheduledAt: dueMs,
  };
}
