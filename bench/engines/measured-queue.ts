import { randomUUID } from 'node:crypto';

/** A queue with a worker, under measurement. */
export interface MeasuredQueue {
  /** Stores `count` jobs by one call, in a queue without a worker. */
  store(count: number): Promise<void>;
  /** Removes the stored jobs. */
  forget(): Promise<void>;
  /** Stores `count` jobs, a hundred per call; resolves when all have run. */
  storeAndRun(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A queue beside which there is one whose jobs are announced to a process that listens. */
export interface AnnouncingQueue extends MeasuredQueue {
  /** Stores `count` jobs in that one, which has no worker. */
  storeAnnounced(count: number): Promise<void>;
}

/** A queue whose arguments are encoded before they are stored. */
export interface EncodingQueue extends MeasuredQueue {
  /** Encodes and stores `count` jobs. */
  encodeAndStore(count: number): Promise<void>;
}

export const CONCURRENCY = 20;

/** The queues of jobs that are mixed; the first one is the default. */
export const QUEUES = ['default', 'media', 'mail'] as const;

/** Where job `n` of a call goes: with several queues, the priorities are mixed too. */
export function placeOf(
  n: number,
  queues: readonly string[],
): { queue: string; priority: number } {
  const queue = queues[n % queues.length] ?? 'default';
  return { queue, priority: queues.length > 1 ? n % 10 : 0 };
}

/** The arguments of each job. */
export const ARGUMENTS: readonly unknown[] = [
  'order-4711@example.com',
  { orderId: 4_711, total: 99.5, items: ['a', 'b', 'c'] },
];

/** What is stored of job `n` of a call, by this library and by a queue used alone. */
export function dataOf(
  n: number,
  queues: readonly string[],
  args = JSON.stringify({ args: ARGUMENTS }),
) {
  return {
    version: 1,
    id: randomUUID(),
    task: 'bench.task',
    args,
    phase: 'afterRoute' as const,
    options: {},
    ...placeOf(n, queues),
  };
}

/** Resolves when it has been counted down to zero. */
export class Countdown {
  #left = 0;
  #done: (() => void) | undefined;
  #begun: (() => void) | undefined;

  async from(count: number, act: () => Promise<void>): Promise<void> {
    this.#left = count;
    const done = new Promise<void>((resolve) => (this.#done = resolve));
    this.#begun?.();
    await act();
    await done;
  }

  /** Resolves while it is under way: what waits for jobs must not disturb the turns of others. */
  async underWay(): Promise<void> {
    if (this.#left > 0) return;
    await new Promise<void>((resolve) => {
      const earlier = this.#begun;
      this.#begun = () => {
        earlier?.();
        resolve();
      };
    });
  }

  /** Ends all waiting for it. */
  release(): void {
    this.#begun?.();
  }

  readonly count = (): void => {
    this.#left -= 1;
    if (this.#left === 0) this.#done?.();
  };
}

export function inHundreds(
  count: number,
  store: (size: number) => Promise<unknown>,
): Promise<unknown> {
  const calls = Array.from({ length: Math.ceil(count / 100) }, (_, index) =>
    store(Math.min(100, count - index * 100)),
  );
  return Promise.all(calls);
}

/** The CPU time to store one job, in microseconds, when each call stores five. */
export async function cpuPerJob<Q extends MeasuredQueue>(
  queue: Q,
  calls: number,
  store: (queue: Q, count: number) => Promise<void>,
): Promise<number> {
  const cpuUs = await cpuOf(async () => {
    for (let n = 0; n < calls; n += 1) await store(queue, 5);
  });
  await queue.forget();
  return cpuUs / (calls * 5);
}

/** The CPU time of one job that is stored and run, in microseconds. */
export async function cpuPerRun(
  queue: MeasuredQueue,
  jobs: number,
): Promise<number> {
  return (await cpuOf(() => queue.storeAndRun(jobs))) / jobs;
}

async function cpuOf(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export async function jobsPerSecond(
  queue: MeasuredQueue,
  jobs: number,
): Promise<number> {
  const start = performance.now();
  await queue.storeAndRun(jobs);
  return jobs / ((performance.now() - start) / 1_000);
}
