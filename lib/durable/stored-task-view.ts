import { messageOf } from '../core/base/to-error.js';
import type { ArgumentCodec, TaskJob } from './durable-engine.js';
import { jobFrom } from './envelope.js';
import type { StoredJob } from './stored-jobs.js';
import type { StoredTask } from './stored-task.js';

/** A stored job as a task, with what this process can decode of it. Never throws. */
export function storedTaskOf(
  stored: StoredJob,
  codec: ArgumentCodec,
): StoredTask {
  const { data, jobId, queue, status, attempt, error } = stored;
  const { storedAt, dueAt, startedAt, endedAt } = stored;
  const { job, reason } = readJob(data);
  const { id = jobId, task = 'unknown', priority = 0 } = job;
  const args = reason === undefined ? argumentsOf(job, codec) : {};
  return {
    id,
    name: task,
    queue,
    ...(job.key !== undefined && { key: job.key }),
    priority,
    status,
    ...args,
    ...(reason !== undefined && { undecodable: reason }),
    attempt,
    scheduledAt: job.scheduledAt ?? storedAt,
    scheduledFor: job.scheduledFor,
    dueAt,
    startedAt,
    endedAt,
    error,
    ...valueOf('progress', stored, codec),
    ...valueOf('result', stored, codec),
  };
}

/** A job, or those parts of it that can be shown, and why it is none. */
function readJob(data: unknown): { job: Partial<TaskJob>; reason?: string } {
  try {
    return { job: jobFrom(data) };
  } catch (error) {
    const { id, task } = Object(data) as Partial<
      Record<keyof TaskJob, unknown>
    >;
    return {
      job: {
        ...(typeof id === 'string' && id && { id }),
        ...(typeof task === 'string' && task && { task }),
      },
      reason: messageOf(error),
    };
  }
}

function argumentsOf(
  { args = '', scheduledFor }: Partial<TaskJob>,
  codec: ArgumentCodec,
): Pick<StoredTask, 'args' | 'undecodable'> {
  // An occurrence is stored without arguments.
  if (scheduledFor !== undefined) return { args: [] };
  try {
    return { args: codec.decode(args) };
  } catch {
    // A codec may quote in its message what it could not decode.
    return {
      undecodable:
        'its arguments cannot be decoded by the engine of this process',
    };
  }
}

/** A value that was encoded as the only argument of a call; left out when it is not. */
function valueOf(
  name: 'progress' | 'result',
  { [name]: payload }: StoredJob,
  codec: ArgumentCodec,
): Partial<StoredTask> {
  if (payload === undefined) return {};
  try {
    return { [name]: codec.decode(payload)[0] };
  } catch {
    return {};
  }
}
