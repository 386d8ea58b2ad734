import { randomUUID } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import {
  ARGUMENTS,
  CONCURRENCY,
  Countdown,
  inHundreds,
  type AnnouncingQueue,
} from './measured-queue.js';

const IDLE_MS = 5;

/** pg-boss, used directly, without this library, with a loop that fetches jobs. */
export async function bareQueue(
  connectionString: string,
  schema: string,
): Promise<AnnouncingQueue> {
  const boss = new PgBoss({
    connectionString,
    schema,
    schedule: false,
    useListenNotify: true,
  });
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  await boss.createQueue('stored');
  await boss.createQueue('announced', { notify: true });
  await boss.createQueue('run');
  const countdown = new Countdown();
  const closing = new AbortController();
  const looping = loop();

  const add = (queue: string, count: number) =>
    boss.insert(
      queue,
      Array.from({ length: count }, () => ({
        id: randomUUID(),
        data: { task: 'bench.task', args: ARGUMENTS },
        retryLimit: 5,
        retryBackoff: true,
      })),
    );
  return {
    async store(count) {
      await add('stored', count);
    },
    async storeAnnounced(count) {
      await add('announced', count);
    },
    async forget() {
      await boss.deleteAllJobs('stored');
      await boss.deleteAllJobs('announced');
    },
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, (size) => add('run', size));
      }),
    async close() {
      closing.abort();
      await looping;
      await boss.stop({ graceful: false });
    },
  };

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      const jobs = await boss.fetch('run', { batchSize: CONCURRENCY });
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
        continue;
      }
      await Promise.all(jobs.map(async () => countdown.count()));
      await boss.complete('run', jobs);
    }
  }
}
