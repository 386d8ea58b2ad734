import { PgBoss } from 'pg-boss';
import {
  CONCURRENCY,
  Countdown,
  dataOf,
  inHundreds,
  type AnnouncingQueue,
} from './measured-queue.js';

const IDLE_MS = 5;

/** pg-boss, used directly, without this library, with a loop that fetches jobs. */
export async function bareQueue(
  connectionString: string,
  schema: string,
  queues: readonly string[] = ['default'],
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
  const run = queues.map((name) => `run.${name}`);
  for (const name of run) await boss.createQueue(name);
  const countdown = new Countdown();
  const closing = new AbortController();
  const looping = Promise.all(run.map(loop));

  const jobOf = (data: ReturnType<typeof dataOf>) => ({
    id: data.id,
    data,
    retryLimit: 5,
    retryBackoff: true,
    ...(data.priority > 0 && { priority: -data.priority }),
  });
  const jobsOf = (count: number, names: readonly string[]) =>
    Array.from({ length: count }, (_, n) => jobOf(dataOf(n, names)));
  const add = (count: number) => {
    const jobs = jobsOf(count, queues);
    return Promise.all(
      run.map((name, at) =>
        boss.insert(
          name,
          jobs.filter(({ data }) => data.queue === queues[at]),
        ),
      ),
    );
  };
  const store = (queue: string, count: number) =>
    boss.insert(queue, jobsOf(count, ['default']));
  return {
    async store(count) {
      await store('stored', count);
    },
    async storeAnnounced(count) {
      await store('announced', count);
    },
    async forget() {
      await boss.deleteAllJobs('stored');
      await boss.deleteAllJobs('announced');
    },
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, add);
      }),
    async close() {
      closing.abort();
      countdown.release();
      await looping;
      await boss.stop({ graceful: false });
    },
  };

  async function loop(name: string): Promise<void> {
    while (!closing.signal.aborted) {
      await countdown.underWay();
      const jobs = await boss.fetch(name, { batchSize: CONCURRENCY });
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
        continue;
      }
      await Promise.all(jobs.map(async () => countdown.count()));
      await boss.complete(name, jobs);
    }
  }
}
