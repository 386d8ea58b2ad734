import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import {
  ARGUMENTS,
  CONCURRENCY,
  Countdown,
  inHundreds,
  type MeasuredQueue,
} from './measured-queue.js';

/** BullMQ, used directly, without this library. */
export async function bareQueue(
  url: string,
  prefix: string,
): Promise<MeasuredQueue> {
  const connection = { url };
  const stored = new Queue('bare-stored', { connection, prefix });
  const run = new Queue('bare-run', { connection, prefix });
  const countdown = new Countdown();
  const worker = new Worker('bare-run', async () => countdown.count(), {
    connection,
    prefix,
    concurrency: CONCURRENCY,
    removeOnComplete: { count: 0 },
  });
  await worker.waitUntilReady();
  const add = (queue: Queue, count: number) =>
    queue.addBulk(
      Array.from({ length: count }, () => ({
        name: 'bench.task',
        data: { id: randomUUID(), args: ARGUMENTS },
        opts: {
          jobId: randomUUID(),
          attempts: 5,
          backoff: { type: 'exponential', delay: 200 },
        },
      })),
    );
  return {
    async store(count) {
      await add(stored, count);
    },
    forget: () => stored.drain(),
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, (size) => add(run, size));
      }),
    async close() {
      await Promise.all([worker.close(), stored.close(), run.close()]);
    },
  };
}
