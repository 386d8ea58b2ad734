import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import {
  ARGUMENTS,
  CONCURRENCY,
  Countdown,
  inHundreds,
  placeOf,
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
  const jobOf = (priority: number) => ({
    name: 'bench.task',
    data: { id: randomUUID(), args: ARGUMENTS },
    opts: {
      jobId: randomUUID(),
      attempts: 5,
      backoff: { type: 'exponential', delay: 200 },
      ...(priority > 0 && { priority }),
    },
  });
  const add = (count: number) => {
    const places = Array.from({ length: count }, (_, n) => placeOf(n, queues));
    return Promise.all(
      run.map((queue, at) =>
        queue.addBulk(
          places
            .filter((place) => place.queue === queues[at])
            .map(({ priority }) => jobOf(priority)),
        ),
      ),
    );
  };
  return {
    async store(count) {
      await stored.addBulk(Array.from({ length: count }, () => jobOf(0)));
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
