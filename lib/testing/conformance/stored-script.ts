import type {
  StoredJob,
  StoredJobFilter,
  StoredJobs,
} from '../../durable/stored-jobs.js';
import { gate, type Bench, type Script } from './script.js';

/** What a script about stored jobs works with. */
export interface StoredBench extends Bench {
  readonly stored: StoredJobs;
}

/** Requirements of an engine with `stored`. */
export function storedScript(
  name: string,
  act: (bench: StoredBench) => Promise<void>,
  more: Partial<Script> = {},
): Script {
  return {
    name,
    ...more,
    act: async (bench) => {
      const { stored } = bench.engine;
      if (stored) await act({ ...bench, stored });
    },
  };
}

/** A job that has failed, and one that runs until `open()` is called. */
export async function failedAndRunning({
  engine,
  host,
  stored,
  job,
}: StoredBench) {
  const { opened, open } = gate();
  host.answer = async ({ job: { task } }) => {
    if (task === 'bad') return { status: 'failed', error: new Error('no') };
    await opened;
    return { status: 'done' };
  };
  const [bad, long] = [job({ task: 'bad' }), job({ task: 'long' })];
  await engine.enqueue([bad]);
  await until(stored, bad.id, 'failed');
  await engine.enqueue([long]);
  await until(stored, long.id, 'running');
  return { bad, long, open };
}

/** All jobs that match. */
export async function all(
  stored: StoredJobs,
  filter: StoredJobFilter,
): Promise<StoredJob[]> {
  const jobs: StoredJob[] = [];
  let cursor: string | undefined;
  do {
    const page = await stored.page(filter, 2, cursor);
    jobs.push(...page.jobs);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return jobs;
}

/** The ids of the tasks, sorted. */
export function idsIn(jobs: readonly StoredJob[]): string[] {
  return jobs.map(({ data }) => String(Object(data).id)).toSorted();
}

/** The job, once it has that status. */
export async function until(
  stored: StoredJobs,
  id: string,
  status: StoredJob['status'],
): Promise<StoredJob> {
  for (;;) {
    const found = await stored.find(id);
    if (found?.status === status) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
