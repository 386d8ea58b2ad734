/** A queue with a worker, to be measured. */
export interface MeasuredQueue {
  /** Stores so many jobs by one call, where no worker takes them. */
  store(count: number): Promise<void>;
  /** Removes those. */
  forget(): Promise<void>;
  /** Stores so many jobs, a hundred by one call; resolves when all have run. */
  storeAndRun(count: number): Promise<void>;
  close(): Promise<void>;
}

/** One whose arguments are encoded before they are stored. */
export interface EncodingQueue extends MeasuredQueue {
  /** Does both. */
  encodeAndStore(count: number): Promise<void>;
}

export const CONCURRENCY = 20;

/** The arguments of each job. */
export const ARGUMENTS: readonly unknown[] = [
  'order-4711@example.com',
  { orderId: 4_711, total: 99.5, items: ['a', 'b', 'c'] },
];

/** Resolves when it has been told so often. */
export class Countdown {
  #left = 0;
  #done: (() => void) | undefined;

  async from(count: number, act: () => Promise<void>): Promise<void> {
    this.#left = count;
    const done = new Promise<void>((resolve) => (this.#done = resolve));
    await act();
    await done;
  }

  readonly tell = (): void => {
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

/** The CPU time to store one job, in microseconds, when five are stored by one call. */
export async function cpuPerJob<Q extends MeasuredQueue>(
  queue: Q,
  calls: number,
  store: (queue: Q, count: number) => Promise<void>,
): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n += 1) await store(queue, 5);
  const { user, system } = process.cpuUsage(before);
  await queue.forget();
  return (user + system) / (calls * 5);
}

export async function jobsPerSecond(
  queue: MeasuredQueue,
  jobs: number,
): Promise<number> {
  const start = performance.now();
  await queue.storeAndRun(jobs);
  return jobs / ((performance.now() - start) / 1_000);
}
