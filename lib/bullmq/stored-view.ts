import type { Job, JobState } from 'bullmq';
import { dataOf } from './occurrences.js';
import type { StoredJob } from '../durable/stored-jobs.js';
import type {
  StoredTaskError,
  StoredTaskStatus,
} from '../durable/stored-task.js';

/** What a completed job has as its return value when that is to be kept. */
export interface KeptResult {
  /** Encoded. */
  readonly result: string;
  /** Until when, in milliseconds since 1970. */
  readonly until: number;
}

const STATUSES: Partial<Record<JobState | 'paused', StoredTaskStatus>> = {
  waiting: 'waiting',
  prioritized: 'waiting',
  paused: 'waiting',
  'waiting-children': 'waiting',
  delayed: 'delayed',
  active: 'running',
  completed: 'succeeded',
  failed: 'failed',
};

/** Undefined for a job that is not there. */
export function statusOf(
  state: string,
  isCancelled: boolean,
): StoredTaskStatus | undefined {
  const status = (STATUSES as Record<string, StoredTaskStatus>)[state];
  return status === 'failed' && isCancelled ? 'cancelled' : status;
}

export interface JobFacts {
  readonly queue: string;
  readonly status: StoredTaskStatus;
  /** The score of a delayed job. */
  readonly dueScore?: number | undefined;
}

/** Undefined when what it has returned is no longer to be kept. */
export function storedJobOf(
  job: Job,
  { queue, status, dueScore }: JobFacts,
): StoredJob | undefined {
  const { result, until } = Object(job.returnvalue) as Partial<KeptResult>;
  if (status === 'succeeded' && Number(until) <= Date.now()) return undefined;
  return {
    jobId: job.id ?? '',
    queue,
    data: dataOf(job),
    status,
    attempt: job.attemptsStarted,
    storedAt: job.timestamp,
    // BullMQ keeps the time in the upper bits.
    dueAt: dueScore === undefined ? undefined : Math.floor(dueScore / 0x1000),
    startedAt: job.processedOn,
    endedAt: job.finishedOn,
    error: errorOf(job),
    progress: typeof job.progress === 'string' ? job.progress : undefined,
    result: typeof result === 'string' ? result : undefined,
  };
}

/** The reason of the last failure, or of the one before a job was retried. */
function errorOf({
  failedReason,
  stacktrace,
}: Job): StoredTaskError | undefined {
  const stack = stacktrace?.at(-1);
  const reason = failedReason || stack?.split('\n', 1)[0];
  if (!reason) return undefined;
  const [, name, message] = /^([A-Z]\w*)(?:: (.*))?$/s.exec(reason) ?? [];
  return {
    name: name ?? 'Error',
    message: name ? (message ?? '') : reason,
    stack,
  };
}
