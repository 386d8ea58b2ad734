import type { Queue } from 'bullmq';
import type { AppTasks } from 'nestjs-tasks';
import { MailTasks } from './mail-tasks.js';

/**
 * Schedules what waits in a queue of `@nestjs/bullmq` as tasks, and removes it there. Run
 * it when no process adds to the old queue and no worker takes from it any more, and with
 * an engine whose `fallback` is `'fail'`: otherwise a task that Redis does not take in time
 * runs here, and its job is moved again.
 */
export async function moveOldJobs(
  old: Queue,
  tasks: AppTasks,
): Promise<number> {
  let moved = 0;
  for (;;) {
    const jobs = await old.getJobs(
      ['wait', 'prioritized', 'delayed'],
      0,
      99,
      true,
    );
    if (jobs.length === 0) return moved;
    for (const job of jobs) {
      const dueMs = job.timestamp + (job.delay ?? 0);
      const task = tasks
        .task({
          at: new Date(dueMs),
          priority: Math.min(job.opts.priority ?? 0, 9),
          // Moved again after a crash in between, it is stored only once while it waits.
          key: `moved:${job.id}`,
        })
        .of(MailTasks)
        .welcome(job.data);
      const outcome = await task.settled();
      if (outcome.status !== 'enqueued') {
        throw new Error(`job ${job.id} was not moved`, { cause: outcome });
      }
      await job.remove();
      moved += 1;
    }
  }
}
