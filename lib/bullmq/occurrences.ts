import type { Job, Queue, RepeatOptions } from 'bullmq';
import type { JobRunDetails } from '../durable/durable-engine.js';
import { occurrenceJob } from '../engine-kit/occurrence-job.js';
import type { RedisClient } from './bullmq-connection.js';
import { isOurs, type StoredData } from './scheduler-data.js';

/** The key of the ids of the last occurrences that have begun, by their job schedulers. */
export const LAST_OCCURRENCES = 'nestjs-tasks:occurrences';

/** Of a job that a job scheduler has made. */
const JOB_ID = /^repeat:([^:]*):(\d+)$/;

/**
 * Notes that an occurrence begins, unless an earlier one exists that has not finished.
 * `KEYS[1]`: the last occurrences; `ARGV`: the id of the job scheduler, that of the job, what
 * the keys of jobs begin with, and whether occurrences may overlap.
 */
const BEGIN = `
local last = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[4] == '0' and last and last ~= ARGV[2] then
  local key = ARGV[3] .. last
  if redis.call('EXISTS', key) == 1 and redis.call('HEXISTS', key, 'finishedOn') == 0 then
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** The job scheduler that a job is from, and its date; `undefined` for any other job. */
export function occurrenceOf(
  jobId: string | undefined,
): { schedulerId: string; dueMs: number } | undefined {
  const [, schedulerId, dueMs] = JOB_ID.exec(jobId ?? '') ?? [];
  return schedulerId !== undefined && isOurs(schedulerId)
    ? { schedulerId, dueMs: Number(dueMs) }
    : undefined;
}

/** What the data of a job stands for: that of an occurrence is the same for all of its schedule. */
export function dataOf({
  id,
  data,
  queueName,
}: Pick<Job<unknown>, 'id' | 'data' | 'queueName'>): unknown {
  const occurrence = occurrenceOf(id);
  if (!occurrence || typeof data !== 'object' || data === null) return data;
  const { schedulerId, dueMs } = occurrence;
  const { schedule: _schedule, ...job } = data as StoredData;
  return occurrenceJob(job, `${queueName} ${schedulerId}`, dueMs);
}

/** How an occurrence begins; `undefined` for any other job. */
export function beginningOf(
  { id = '' }: Pick<Job, 'id'>,
  client: RedisClient,
  queue: { toKey(name: string): string },
): JobRunDetails['begin'] {
  const occurrence = occurrenceOf(id);
  if (!occurrence) return undefined;
  const { schedulerId } = occurrence;
  return async (overlap) =>
    (await client.eval(
      BEGIN,
      1,
      queue.toKey(LAST_OCCURRENCES),
      schedulerId,
      id,
      queue.toKey(''),
      overlap === 'allow' ? '1' : '0',
    )) === 1;
}

/**
 * Stores the occurrence that follows this job, if it is one. BullMQ does so when a worker
 * takes it; who takes it to cancel it must, or none would follow.
 */
export async function storeNext(
  { id = '', name, data, opts, repeatJobKey }: Job,
  queue: Queue,
): Promise<void> {
  // The types of BullMQ leave out what a job scheduler adds.
  const { repeat } = opts as { repeat?: RepeatOptions };
  if (!occurrenceOf(id) || !repeatJobKey || !repeat) return;
  const scheduler = await queue.jobScheduler;
  await scheduler.upsertJobScheduler(repeatJobKey, repeat, name, data, opts, {
    override: false,
    producerId: id,
  });
}
