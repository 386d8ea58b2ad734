import { argumentCodec } from '../durable/argument-codec.js';
import { DEFAULT_MAX_ARGUMENT_BYTES } from '../durable/engine-options.js';
import type { DurableEngine } from '../engine/durable-engine.js';
import type { BullmqEngineOptions } from './bullmq-engine-options.js';
import { checkBullmqOptions } from './check-bullmq-options.js';
import { QueueEngine } from './queue.engine.js';

/**
 * Stores durable tasks in Redis or Valkey, and runs them from there, by BullMQ.
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
  return new QueueEngine(
    argumentCodec(options.maxArgumentBytes ?? DEFAULT_MAX_ARGUMENT_BYTES),
    options,
  );
}
