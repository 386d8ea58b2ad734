import { systemClock, type Clock } from '../core/base/clock.js';
import { Deadline } from '../core/base/deadline.js';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import { engineCodec } from '../engine-kit/argument-codec.js';
import { STOPPED } from '../engine-kit/engine-options.js';
import { QueuePlan } from '../engine-kit/queues.js';
import type { EngineFeature } from '../core/running/durable-task.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
} from '../durable/durable-engine.js';
import type { StoredSchedule } from '../durable/stored-task.js';
import {
  checkBullmqOptions,
  type BullmqEngineOptions,
  type BullmqQueueOptions,
} from './bullmq-options.js';
import {
  bullmqSettings,
  queueWorkOptions,
  type BullmqSettings,
} from './bullmq-settings.js';
import { JobQueues } from './job-queues.js';
import { JobWorkers } from './job-workers.js';
import { Outage } from './outage.js';
import { RedisConnections } from './redis-connections.js';
import { StoredInRedis } from './stored-in-redis.js';

/** How long the start of the application waits for Redis. */
const START_MS = 2_000;

/**
 * Stores durable tasks in Redis or Valkey with BullMQ, and runs them from there.
 *
 * @throws TaskInvalidOptionError for options that cannot be used
 *
 * @example
 * ```ts
 * TasksModule.forRoot({
 *   engine: bullmqEngine({
 *     connection: { url: process.env.REDIS_URL },
 *     worker: { concurrency: 20 },
 *   }),
 * });
 * ```
 *
 * @publicApi
 */
export function bullmqEngine(options: BullmqEngineOptions): DurableEngine {
  checkBullmqOptions(options);
  return new RedisEngine(options);
}

class RedisEngine implements DurableEngine {
  readonly name = 'bullmq';
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
  readonly #options: BullmqEngineOptions;
  readonly #settings: BullmqSettings;
  readonly #clock: Clock = systemClock;
  readonly #outage = new Outage();
  readonly #connections: RedisConnections;
  readonly stored = new StoredInRedis(
    () => this.#openQueues().stored,
    () => this.schedules(),
  );
  readonly #plan: QueuePlan<BullmqQueueOptions>;
  #queues: JobQueues | undefined;
  #workers: JobWorkers | undefined;
  #isStopped = false;

  constructor(options: BullmqEngineOptions) {
    this.codec = engineCodec(options);
    this.enqueueTimeout = options.enqueueTimeout;
    this.fallback = options.fallback;
    this.#options = options;
    this.#settings = bullmqSettings(options);
    this.#plan = new QueuePlan(this.#settings.worker);
    this.#connections = new RedisConnections(options.connection, this.#outage);
  }

  open(): DurableEngine {
    return new RedisEngine(this.#options);
  }

  async start(host: EngineHost): Promise<void> {
    this.#outage.log = host.log;
    this.#plan.start(host);
    const queues = this.#openQueues();
    for (const queue of this.#plan.known) queues.open(queue);
    const deadline = new Deadline(START_MS, this.#clock);
    await deadline.meets(queues.ready());
    // It may have been stopped meanwhile.
    if (this.#isStopped) return;
    this.#startWorkers(host);
    await deadline.meets(queues.schedule(host));
  }

  #startWorkers(host: EngineHost): void {
    if (!this.#settings.worker) return;
    this.#workers ??= new JobWorkers(
      this.#settings,
      this.#plan.worked.map(([queue, work]) =>
        queueWorkOptions(this.#settings, queue, work),
      ),
      this.#connections,
      host,
      this.#outage,
      this.#clock,
    );
  }

  knowsQueue(queue: string): boolean {
    return this.#plan.knows(queue);
  }

  async enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly (string | Error)[]> {
    if (transaction !== undefined) {
      throw new TaskInvalidOptionError(
        '`transaction` must not be set with bullmqEngine(): Redis cannot take part in a transaction of your database. ' +
          'Leave it out, or use an engine that stores jobs in that database.',
      );
    }
    if (jobs.length === 0) return [];
    return this.#openQueues().add(jobs);
  }

  async cancel(jobId: string): Promise<boolean> {
    return this.#openQueues().cancel(jobId);
  }

  schedules(): Promise<readonly StoredSchedule[]> {
    return this.#openQueues().schedules();
  }

  async pause(): Promise<void> {
    this.#queues?.stopScheduling();
    await this.#workers?.pause();
  }

  async stop(withinMs: number): Promise<void> {
    this.#isStopped = true;
    const workers = this.#workers;
    const queues = this.#queues;
    this.#workers = undefined;
    this.#queues = undefined;
    await workers?.close(withinMs);
    await queues?.close();
    this.#connections.end();
  }

  #openQueues(): JobQueues {
    if (this.#isStopped) {
      throw new Error(STOPPED);
    }
    return (this.#queues ??= new JobQueues(
      this.#settings,
      this.#connections,
      this.#outage,
      this.#clock,
    ));
  }
}
