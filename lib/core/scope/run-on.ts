import type { ScheduledTask } from '../running/scheduled-task.js';
import type { RouteVerdict } from '../task/task-phase.js';

/** Settles a task as skipped if its `runOn` excludes the outcome of the route. */
export function skipUnlessRunOn(
  verdict: RouteVerdict,
  task: ScheduledTask,
): void {
  const { runOn = 'success' } = task.options;
  if (task.phase === 'immediate' || runOn === 'always' || runOn === verdict) {
    return;
  }
  const reason = `runOn is '${runOn}', but the outcome of the route was ${verdict}`;
  task.settle({ status: 'skipped', reason });
}
