import { quoted } from '../core/base/describe.js';
import type { TaskRegistry } from '../core/scheduling/task-registry.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import type { JobRunDetails, TaskJob } from './durable-engine.js';
import { OCCURRENCE_VERSION, UnknownJobError } from './envelope.js';
import type { TaskSchedule } from './task-schedule.js';

/** An occurrence that starts later than this has been missed. */
const MISSED_AFTER_MS = 60_000;

/** The recurring tasks of an application, as its engine is to keep them. */
export function schedulesOf(registry: TaskRegistry): TaskSchedule[] {
  return registry.recurringTasks().map(({ name, recurrence, options }) => {
    const { priority, queue } = options.immediate;
    return {
      task: name,
      recurrence,
      job: {
        version: OCCURRENCE_VERSION,
        task: name,
        args: '',
        phase: 'immediate',
        options: {},
        ...(priority && { priority }),
        ...(queue !== undefined && { queue }),
      },
    };
  });
}

/** One attempt at a job, and what its engine knows of it. */
interface JobAttempt extends Pick<JobRunDetails, 'begin'> {
  readonly job: TaskJob;
  readonly declared: DeclaredTask;
  readonly attempt: number;
}

/** Why an occurrence is not to run; `undefined` when it is, and for all other jobs. */
export async function whySkipped(
  {
    job: { scheduledFor },
    declared: { recurrence },
    attempt,
    begin,
  }: JobAttempt,
  nowMs: number,
): Promise<string | undefined> {
  if (scheduledFor === undefined || !recurrence) return undefined;
  const lateMs = nowMs - scheduledFor;
  const isMissed = attempt === 1 && lateMs > MISSED_AFTER_MS;
  if (isMissed && recurrence.missed === 'skip') {
    return `it was missed: it is ${Math.round(lateMs / 1_000)} s late (\`missed: 'skip'\`)`;
  }
  return (await begin?.(recurrence.overlap)) === false
    ? "an earlier one has not ended (`overlap: 'skip'`)"
    : undefined;
}

/** @throws UnknownJobError for a task that this process does not have, or that does not recur here */
export function declarationOf(
  { task, scheduledFor }: TaskJob,
  registry: TaskRegistry,
): DeclaredTask {
  const declared = registry.get(task);
  if (!declared) {
    throw new UnknownJobError(
      `no task named ${quoted(task)} is declared here. Import the module of its provider, or update this worker`,
    );
  }
  if (scheduledFor !== undefined && !declared.recurrence) {
    throw new UnknownJobError(
      `task ${quoted(task)} does not recur here. Update this worker`,
    );
  }
  return declared;
}
