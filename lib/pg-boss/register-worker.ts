import type { OpenBoss } from './open-boss.js';

/** Once a day. */
const LOOK_S = 86_400;

/**
 * Shows this process among the workers in the registry of pg-boss (`getInstances()`). Its
 * jobs are taken by the loop of `JobWorker`, and none by this worker: it asks, once a day,
 * for a priority that no job has (decision 11).
 */
export async function registerWorker(
  { upkeep }: OpenBoss,
  queue: string,
): Promise<void> {
  const options = { pollingIntervalSeconds: LOOK_S, minPriority: 2 ** 31 - 1 };
  await upkeep
    .work(queue, options, () =>
      Promise.reject(new Error('a job with this priority is no task')),
    )
    .catch(() => {});
}
