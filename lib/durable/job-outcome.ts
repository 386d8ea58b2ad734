import { excerpt, quoted } from '../core/base/describe.js';
import { TaskLostError } from '../core/base/durable-errors.js';
import { messageOf, toError } from '../core/base/to-error.js';
import type { TaskOutcome } from '../core/task/task-outcome.js';
import type { TaskJobOutcome } from './durable-engine.js';
import type { JobTask } from './job-task.js';
import { storedError } from './stored-error.js';

/** What the engine is to do with the job of a task that has settled. */
export function outcomeOf(task: JobTask, outcome: TaskOutcome): TaskJobOutcome {
  if (task.lostBecause) {
    return { status: 'lost', error: storedError(task.lostBecause) };
  }
  switch (outcome.status) {
    case 'failed':
      return { status: 'failed', error: storedError(outcome.error) };
    case 'enqueued':
      return task.handedBack;
    case 'dropped':
      return { status: 'returned' };
    case 'cancelled':
      return {
        status: 'cancelled',
        error: storedError(toError(outcome.reason, task.name)),
      };
    default:
      return { status: 'done' };
  }
}

/** Why the engine says that a job is no longer this worker's. */
export function lossOf({ reason }: AbortSignal, task?: JobTask): Error {
  if (!(reason instanceof TaskLostError))
    return toError(reason, task?.name ?? 'unknown');
  return task
    ? new TaskLostError(
        `Task ${quoted(task.name)} (${excerpt(task.id)}) is no longer this worker's, and its signal has fired: ${messageOf(reason)}`,
        { cause: reason },
      )
    : reason;
}
