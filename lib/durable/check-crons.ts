import { quoted } from '../core/base/describe.js';
import { TaskPeerMissingError } from '../core/base/durable-errors.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { messageOf } from '../core/base/to-error.js';
import type { RecurringTask } from '../core/scheduling/check-repeat.js';
import { occurrencesOf } from './occurrences.js';

/**
 * Checks the cron expressions with the parser that the engines use.
 *
 * @throws (rejects with) TaskInvalidOptionError for one that cannot be parsed, or has no date
 * @throws (rejects with) TaskPeerMissingError when the parser cannot be loaded
 */
export async function checkCrons(
  tasks: readonly Pick<RecurringTask, 'name' | 'recurrence'>[],
): Promise<void> {
  for (const { name, recurrence } of tasks) {
    if (recurrence.cron === undefined) continue;
    let why: string;
    try {
      const occurrences = await occurrencesOf(recurrence);
      if (occurrences.after(Date.now()) !== undefined) continue;
      why = 'it never comes';
    } catch (error) {
      if (error instanceof TaskPeerMissingError) throw error;
      why = messageOf(error);
    }
    throw new TaskInvalidOptionError(
      `\`repeat.cron\` of task ${quoted(name)} must be a cron expression such as '0 3 * * *', got '${recurrence.cron}': ${why}.`,
    );
  }
}
