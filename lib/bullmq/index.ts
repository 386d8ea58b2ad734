/**
 * `nestjs-tasks/bullmq`: durable tasks in Redis or Valkey, by BullMQ. It needs the peers
 * `bullmq` and `ioredis`.
 *
 * @packageDocumentation
 */
export { argumentCodec } from '../engine-kit/argument-codec.js';
export type { EngineOptions } from '../engine-kit/engine-options.js';
export type { QueueOptions, WorkerQueues } from '../engine-kit/queues.js';
export { bullmqEngine } from './bullmq-engine.js';
export type {
  BullmqEngineOptions,
  BullmqLimiter,
  BullmqQueueOptions,
  BullmqWorkerOptions,
} from './bullmq-options.js';
export type { BullmqConnection } from './bullmq-connection.js';
export type { BullmqKeep, BullmqKeepPolicy } from './keep-policy.js';
