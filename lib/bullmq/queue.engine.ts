import { systemClock, type Clock } from '../core/clock.js';
import { toMilliseconds } from '../core/duration.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
} from '../engine/durable-engine.js';
import type { BullmqEngineOptions } from './bullmq-engine-options.js';
import { JobConsumer } from './job-consumer.js';
import { JobQueue } from './job-queue.js';
import { OutageLog } from './outage-log.js';

/** For how long the start of the application waits for Redis. */
const START_MS = 2_000;

/** A queue in Redis. */
export class QueueEngine implements DurableEngine {
  readonly name = 'bullmq';
  readonly codec: ArgumentCodec;
  readonly enqueueTimeout: DurableEngine['enqueueTimeout'];
  readonly fallback: DurableEngine['fallback'];
  readonly #options: BullmqEngineOptions;
  readonly #clock: Clock = systemClock;
  readonly #outages = new OutageLog();
  #jobs: JobQueue | undefined;
  #consumer: JobConsumer | undefined;
  #isStopped = false;

  constructor(codec: ArgumentCodec, options: BullmqEngineOptions) {
    this.codec = codec;
    this.enqueueTimeout = options.enqueueTimeout;
    this.fallback = options.fallback;
    this.#options = options;
  }

  async start(host: EngineHost): Promise<void> {
    this.#isStopped = false;
    this.#outages.writeTo(host.log);
    const { worker = {} } = this.#options;
    const jobs = this.#open();
    if (worker) {
      this.#consumer ??= new JobConsumer(
        this.#options,
        worker,
        this.#queueName,
        this.#prefix,
        host,
        this.#outages,
        this.#clock,
      );
    }
    let stopTimer: (() => void) | undefined;
    const late = new Promise<void>((resolve) => {
      stopTimer = this.#clock.after(START_MS, resolve);
    });
    await Promise.race([jobs.ready(), late]);
    stopTimer?.();
  }

  async enqueue(
    jobs: readonly TaskJob[],
    transaction?: unknown,
  ): Promise<readonly string[]> {
    if (transaction !== undefined) {
      throw new TaskInvalidOptionError(
        '`transaction` is for an engine whose store is the database of the transaction, and Redis is not. ' +
          'Leave it out, or use an engine that stores in your database.',
      );
    }
    if (jobs.length === 0) return [];
    return this.#open().add(jobs);
  }

  async cancel(jobId: string): Promise<boolean> {
    return this.#open().remove(jobId);
  }

  async pause(): Promise<void> {
    await this.#consumer?.pause();
  }

  async stop(withinMs: number): Promise<void> {
    this.#isStopped = true;
    const consumer = this.#consumer;
    const jobs = this.#jobs;
    this.#consumer = undefined;
    this.#jobs = undefined;
    await consumer?.close(withinMs);
    await jobs?.close();
  }

  get #queueName(): string {
    return this.#options.queue ?? 'nestjs-tasks';
  }

  get #prefix(): string {
    return this.#options.prefix ?? 'bull';
  }

  #open(): JobQueue {
    if (this.#isStopped) {
      throw new Error('the engine has been stopped with its application');
    }
    this.#jobs ??= new JobQueue(
      this.#options.connection,
      this.#queueName,
      this.#prefix,
      toMilliseconds(this.enqueueTimeout ?? '2s', 'enqueueTimeout'),
      this.#outages,
      this.#clock,
    );
    return this.#jobs;
  }
}
