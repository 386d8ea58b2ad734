import type { Clock } from '../base/clock.js';
import { Deadline } from '../base/deadline.js';
import type { ShutdownSettings } from '../options/task-settings.js';
import type { ScheduledTask } from '../running/scheduled-task.js';

/**
 * Limits the time of a task that a response waits for, once no drain does that: the server
 * waits for the response, and the task may wait for the server.
 *
 * @param reason of the drop
 */
export async function limitAwaited(
  task: ScheduledTask,
  { gracePeriodMs, abortPeriodMs }: ShutdownSettings,
  clock: Clock,
  reason: Error,
): Promise<void> {
  const settled = task.settled();
  if (await new Deadline(gracePeriodMs, clock).meets(settled)) return;
  task.shutDown(reason);
  if (await new Deadline(abortPeriodMs, clock).meets(settled)) return;
  task.giveUp(task.shutdownReason);
}
