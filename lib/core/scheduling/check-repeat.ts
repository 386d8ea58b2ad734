import { quoted } from '../base/describe.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import { needsSeconds } from '../options/repeat.js';
import type { DurableDispatch } from '../running/durable-task.js';
import type { TaskRecurrence } from '../task/recurrence.js';

/** A declaration that recurs. */
export interface RecurringTask {
  readonly name: string;
  readonly recurrence: TaskRecurrence;
  /** How many parameters its method has that have no default value. */
  readonly parameters: number;
}

/**
 * Checks that a task can recur in an application.
 *
 * @throws TaskInvalidOptionError for a method that needs arguments, and for an engine that
 * has not what the task asks for
 */
export function checkRepeat(
  { name, recurrence, parameters }: RecurringTask,
  durable: Pick<DurableDispatch, 'engine' | 'features'> | undefined,
): void {
  if (parameters > 0) {
    throw new TaskInvalidOptionError(
      `The recurring task ${quoted(name)} is called without arguments, but its method has ${parameters === 1 ? 'a parameter' : `${parameters} parameters`} without a default value. ` +
        'Give each a default value, or leave it out.',
    );
  }
  if (!durable) return;
  const { engine, features } = durable;
  if (!features.includes('repeat')) {
    throw new TaskInvalidOptionError(
      `The durable task ${quoted(name)} has a \`repeat\`, which the engine "${engine}" does not have among its \`features\`. ` +
        'Leave it out, or use an engine that has it, such as bullmqEngine(), pgBossEngine() or inProcessEngine().',
    );
  }
  if (needsSeconds(recurrence) && !features.includes('repeatSeconds')) {
    throw new TaskInvalidOptionError(
      `The recurring task ${quoted(name)} does not run at full minutes only, but the engine "${engine}" schedules by the minute. ` +
        'Use a cron expression of five fields or a whole number of minutes, or an engine that has `repeatSeconds` among its `features`, as bullmqEngine() and pgBossEngine() do.',
    );
  }
}
