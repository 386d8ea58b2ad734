import { Queue, Worker } from 'bullmq';
import {
  CONCURRENCY,
  Countdown,
  dataOf,
  inHundreds,
  type MeasuredQueue,
} from './measured-queue.js';

/** BullMQ, used directly, without this library. */
export async function bareQueue(
  url: string,
  prefix: string,
  queues: readonly string[] = ['default'],
): Promise<MeasuredQueue> {
  const connection = { url };
  const stored = new Queue('bare-stored', { connection, prefix });
  const run = queues.map(
    (name) => new Queue(`bare-run.${name}`, { connection, prefix }),
  );
  const countdown = new Countdown();
  const workers = run.map(
    ({ name }) =>
      new Worker(name, async () => countdown.count(), {
        connection,
        prefix,
        concurrency: CONCURRENCY,
        removeOnComplete: { count: 0 },
      }),
  );
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  const jobOf = (data: ReturnType<typeof dataOf>) => ({
    name: data.task,
    data,
    opts: {
      jobId: data.id,
      attempts: 5,
      backoff: { type: 'exponential', delay: 200 },
      ...(data.priority > 0 && { priority: data.priority }),
    },
  });
  const jobsOf = (count: number, names: readonly string[]) =>
    Array.from({ length: count }, (_, n) => jobOf(dataOf(n, names)));
  const add = (count: number) => {
    const jobs = jobsOf(count, queues);
    return Promise.all(
      run.map((queue, at) =>
        queue.addBulk(jobs.filter(({ data }) => data.queue === queues[at])),
      ),
    );
  };
  return {
    async store(count) {
      await stored.addBulk(jobsOf(count, ['default']));
    },
    forget: () => stored.drain(),
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, add);
      }),
    async close() {
      await Promise.all(
        [...workers, stored, ...run].map((each) => each.close()),
      );
    },
  };
}
