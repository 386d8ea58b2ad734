import { systemClock, type Clock } from '../core/base/clock.js';
import { engineCodec } from '../engine-kit/argument-codec.js';
import { STOPPED } from '../engine-kit/engine-options.js';
import { addByQueue, QueuePlan } from '../engine-kit/queues.js';
import {
  DEFAULT_QUEUE,
  type EngineFeature,
} from '../core/running/durable-task.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
} from '../durable/durable-engine.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import {
  checkInProcessOptions,
  queueWorkers,
  type InProcessEngineOptions,
} from './in-process-options.js';
import { unknownForMs } from '../engine-kit/unknown-jobs.js';
import { JobNumbers } from './job-numbers.js';
import { JobQueue } from './job-queue.js';
import { JobSchedules } from './job-schedules.js';
import { StoredInMemory } from './stored-in-memory.js';

/**
 * Runs durable tasks in this process, from a queue in its memory, for development and
 * tests. Arguments, retries and refusals are those of the engines with a store, but
 * nothing outlives the process.
 *
 * @throws TaskInvalidOptionError for options that cannot be used
 *
 * @example
 * ```ts
 * TasksModule.forRoot({ engine: inProcessEngine({ concurrency: 20 }) });
 * ```
 *
 * @publicApi
 */
export function inProcessEngine(
  options: InProcessEngineOptions = {},
): DurableEngine {
  checkInProcessOptions(options);
  return new MemoryEngine(options);
}

class MemoryEngine implements DurableEngine {
  readonly name = 'in-process';
  readonly features: readonly EngineFeature[] = [
    'delay',
    'priority',
    'queues',
    'repeat',
    'repeatSeconds',
    'keepResult',
  ];
  readonly codec: ArgumentCodec;
  readonly enqueueTimeout: DurableEngine['enqueueTimeout'];
  readonly fallback: DurableEngine['fallback'];
  readonly #clock: Clock = systemClock;
  readonly #options: InProcessEngineOptions;
  readonly #plan: QueuePlan;
  readonly #queues = new Map<string, JobQueue>();
  readonly stored = new StoredInMemory(
    () => new Map([...this.#queues].map(([name, { store }]) => [name, store])),
    systemClock,
    () => this.schedules(),
  );
  /** Shared by the queues, so that the jobs of all of them have one order. */
  readonly #numbers = new JobNumbers();
  readonly #schedules = new JobSchedules(systemClock, (job) => {
    this.#queue(job.queue ?? DEFAULT_QUEUE).add([job]);
  });
  #log: EngineHost['log'] | undefined;
  #isStopped = false;

  constructor(options: InProcessEngineOptions) {
    this.#options = options;
    this.codec = engineCodec(options);
    this.enqueueTimeout = options.enqueueTimeout;
    this.fallback = options.fallback;
    this.#plan = new QueuePlan(queueWorkers(options));
    this.#queue(DEFAULT_QUEUE);
  }

  open(): DurableEngine {
    return new MemoryEngine(this.#options);
  }

  async start(host: EngineHost): Promise<void> {
    if (this.#isStopped) return;
    this.#log = host.log;
    this.#plan.start(host);
    for (const queue of this.#plan.known) this.#queue(queue);
    for (const [queue, { concurrency }] of this.#plan.worked) {
      this.#queue(queue).work(host, concurrency);
    }
    const { schedules = [] } = host;
    if (schedules.length === 0) return;
    await this.#schedules.start(schedules);
    const added = schedules.map(({ task }) => task);
    host.schedulesChanged?.({ added, changed: [], removed: [] });
  }

  knowsQueue(queue: string): boolean {
    return this.#plan.knows(queue);
  }

  async enqueue(
    jobs: readonly TaskJob[],
  ): Promise<readonly (string | Error)[]> {
    if (this.#isStopped) throw new Error(STOPPED);
    return addByQueue(jobs, (queue, group) =>
      Promise.resolve(this.#queue(queue).add(group)),
    );
  }

  async cancel(jobId: string): Promise<boolean> {
    return [...this.#queues.values()].some((queue) => queue.cancel(jobId));
  }

  async schedules(): Promise<readonly StoredSchedule[]> {
    return this.#schedules.list(
      (queue, task) =>
        this.#queue(queue).store.occurrences.get(task)?.scheduledFor,
    );
  }

  async pause(): Promise<void> {
    this.#schedules.stop();
    for (const queue of this.#queues.values()) queue.pause();
  }

  async stop(withinMs: number): Promise<void> {
    this.#isStopped = true;
    this.#schedules.stop();
    const closed = [...this.#queues.values()].map((queue) =>
      queue.close(withinMs),
    );
    const lost = (await Promise.all(closed)).flat();
    if (lost.length === 0) return;
    this.#log?.warn(
      `${lost.length} durable ${lost.length === 1 ? 'task is' : 'tasks are'} lost with this process, as inProcessEngine() stores jobs in memory only: ` +
        lost.map(({ task }) => task).join(', '),
    );
  }

  #queue(name: string): JobQueue {
    let queue = this.#queues.get(name);
    if (!queue) {
      const { unknownFor } = this.#options;
      queue = new JobQueue(
        this.#clock,
        this.#numbers,
        unknownForMs(unknownFor),
      );
      this.#queues.set(name, queue);
    }
    return queue;
  }
}
